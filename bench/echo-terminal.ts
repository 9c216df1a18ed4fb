// Terminals that send back what is typed, each reached in another way. Decides nothing: a key goes in, its echo comes out.
import { spawn as spawnProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";
import { WebSocket } from "ws";
import type { TestServer } from "../tests/harness/server.ts";
import { type Latency, latency, timed, within } from "./measure.ts";
import { argv, ECHO } from "./programs.ts";
import { StreamViewer } from "./stream-viewer.ts";
import type { Tmux } from "./tmux.ts";

const KEY = "k";
/** An echo that takes so long is lost. */
const ECHO_WITHIN_MS = 30_000;

export interface EchoTerminal extends Disposable {
  type(key: string): void;
  /** Called with each piece that comes back. */
  onOutput: (piece: Uint8Array) => void;
}

/** Types `keys` keys, each `pauseMs` after the one before has come back: 0 is at once, as no hand and some scripts do. */
export async function typeKeys(terminal: EchoTerminal, keys: number, pauseMs: number): Promise<Latency> {
  const samplesMs: number[] = [];
  for (let i = 0; i < keys; i++) {
    samplesMs.push(await timed(() => typeKey(terminal)));
    if (pauseMs > 0) await pause(pauseMs);
  }
  return latency(samplesMs);
}

export function typeKey(terminal: EchoTerminal): Promise<void> {
  const echo = new Promise<void>((resolve) => {
    terminal.onOutput = () => resolve();
    terminal.type(KEY);
  });
  return within(ECHO_WITHIN_MS, "a key comes back", echo);
}

/** A session of its own, `echo` unless it is said otherwise, at a WebSocket viewer. */
export async function viewedSession(server: TestServer, more: object = {}): Promise<EchoTerminal> {
  const { json } = await server.ask({ path: "/sessions", body: { name: "echo", argv: argv(ECHO), ...more } });
  return echoing(await StreamViewer.open(server.socketPath, json.id));
}

/** A terminal of the bare relay at `socketPath`. */
export async function relayedTerminal(socketPath: string): Promise<EchoTerminal> {
  const socket = new WebSocket(`ws+unix:${socketPath}:/`);
  const terminal: EchoTerminal = {
    type: (key) => socket.send(key),
    onOutput: () => {},
    [Symbol.dispose]: () => socket.terminate(),
  };
  socket.on("message", (piece: Buffer) => terminal.onOutput(piece));
  return echoing(terminal);
}

/** A terminal of this very process. */
export function ownTerminal(): Promise<EchoTerminal> {
  const pty = spawn(...ECHO, { encoding: null });
  const terminal: EchoTerminal = {
    type: (key) => pty.write(key),
    onOutput: () => {},
    [Symbol.dispose]: () => pty.kill(),
  };
  pty.onData((piece) => terminal.onOutput(piece as unknown as Buffer));
  return echoing(terminal);
}

/** A session of tmux at a client in control mode, which ends with its server. */
export function tmuxTerminal(tmux: Tmux): Promise<EchoTerminal> {
  const [program, ...args] = tmux.command;
  const client = spawnProcess(program, [...args, "-C", "new-session", ...argv(ECHO)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: tmux.env,
  });
  const terminal: EchoTerminal = {
    type: (key) => client.stdin.write(`send-keys -l ${key}\n`),
    onOutput: () => {},
    [Symbol.dispose]: () => void client.kill(),
  };
  client.stdout.on("data", (piece: Buffer) => {
    if (piece.includes("%output")) terminal.onOutput(piece);
  });
  return echoing(terminal);
}

/** Resolves when the program is ready to send back. */
async function echoing(terminal: EchoTerminal): Promise<EchoTerminal> {
  let text = "";
  const isReady = new Promise<void>((resolve) => {
    terminal.onOutput = (piece) => {
      text += Buffer.from(piece).toString();
      if (text.includes("ready")) resolve();
    };
  });
  await within(ECHO_WITHIN_MS, "the terminal is ready", isReady);
  return terminal;
}
