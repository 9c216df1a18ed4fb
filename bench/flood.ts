// How fast 200 MB of coloured build log go from a program to one viewer, paced and not, what the viewer misses, and what another
// session feels meanwhile; beside tmux with an attached client, and a terminal in process whose output nobody looks at.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { colouredLog } from "./coloured-log.ts";
import { type EchoTerminal, tmuxTerminal, typeKey, viewedSession } from "./echo-terminal.ts";
import { watchFlood } from "./flood-viewer.ts";
import { alternate, percentile, timed } from "./measure.ts";
import { felt, meanwhile } from "./neighbour.ts";
import type { DrainOrder } from "./peers/drain.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const LOG_MB = 200;
const ROUNDS = 3;

interface Figures {
  readonly mbPerSecond: number;
  readonly declaredMb: number;
  readonly undeclaredBytes: number;
  readonly screenP99: number;
  readonly echoP99: number;
}

export async function flood(): Promise<Line[]> {
  await using server = await startServer();
  await using tmuxServer = new Tmux(server.home);
  const log = join(server.home.root, "build.log");
  await writeLog(log);
  const program = ["sh", "-c", `printf ready; read line; exec cat ${log}`] as const;
  using other = await viewedSession(server);
  using otherOfTmux = await tmuxTerminal(tmuxServer);
  const { paced, unpaced, tmux, own } = await alternate(ROUNDS, {
    paced: () => watched({ server, other, program, pace: true }),
    unpaced: () => watched({ server, other, program, pace: false }),
    tmux: () => attached({ tmux: tmuxServer, other: otherOfTmux, program }),
    own: async () => ({ mbPerSecond: rate(await drained({ command: program, env: tmuxServer.env })) }),
  });
  const peers: Peers = { tmux, own };
  return [...linesOf("`pace=1`", paced, peers), declared("`pace=1`", paced, { is: "at most", bound: 0 })].concat(
    linesOf("not paced", unpaced, peers),
    declared("not paced", unpaced),
  );
}

interface Peers {
  readonly tmux: { readonly mbPerSecond: number; readonly echoP99: number };
  readonly own: { readonly mbPerSecond: number };
}

function linesOf(how: string, figures: Figures, { tmux, own }: Peers): Line[] {
  const { mbPerSecond, undeclaredBytes, screenP99, echoP99 } = figures;
  const measure = `${LOG_MB} MB of coloured log to one viewer, ${how}`;
  const speed = { measure, unit: "MB/s", fleetty: mbPerSecond };
  const beside = { "node-pty in process": own.mbPerSecond };
  return [
    {
      ...speed,
      beside: { "tmux, attached": tmux.mbPerSecond },
      aim: { is: "at least", bound: 1, times: "tmux, attached" },
    },
    { ...speed, beside, aim: { is: "at least", bound: 0.45, times: "node-pty in process" } },
    {
      measure: `${how}: missed or repeated without a word`,
      unit: "bytes",
      fleetty: undeclaredBytes,
      beside: {},
      aim: { is: "at most", bound: 0 },
    },
    {
      measure: `${how}: \`screen\` of another session meanwhile, p99`,
      unit: "ms",
      fleetty: screenP99,
      beside: {},
      aim: { is: "at most", bound: 20 },
    },
    {
      measure: `${how}: keystroke to echo in another session meanwhile, p99`,
      unit: "ms",
      fleetty: echoP99,
      beside: { "tmux control mode": tmux.echoP99 },
      aim: { is: "at most", bound: 20 },
    },
  ];
}

function declared(how: string, { declaredMb }: Figures, aim?: Line["aim"]): Line {
  return { measure: `${how}: missed and declared`, unit: "MB", fleetty: declaredMb, beside: {}, ...(aim && { aim }) };
}

async function writeLog(path: string): Promise<void> {
  const megabyte = Buffer.alloc(1_000_000, `${colouredLog(5_000)}\n`);
  await pipeline(Readable.from(Array.from({ length: LOG_MB }, () => megabyte)), createWriteStream(path));
}

function rate(tookMs: number): number {
  return LOG_MB / (tookMs / 1_000);
}

interface Watched {
  readonly server: TestServer;
  readonly other: EchoTerminal;
  readonly program: readonly string[];
  readonly pace: boolean;
}

async function watched({ server, other, program, pace }: Watched): Promise<Figures> {
  const { json: session } = await server.ask({ path: "/sessions", body: { argv: program } });
  const flooding = watchFlood({ socketPath: server.socketPath, session: session.id, pace });
  const { result, screenP99, echoP99 } = await felt({ server, echo: other }, flooding);
  return {
    mbPerSecond: rate(result.tookMs),
    declaredMb: result.declaredBytes / 1_000_000,
    undeclaredBytes: result.undeclaredBytes,
    screenP99,
    echoP99,
  };
}

interface Attached {
  readonly tmux: Tmux;
  readonly other: EchoTerminal;
  readonly program: readonly string[];
}

async function attached({ tmux, other, program }: Attached) {
  tmux.run("new-session", "-d", "-s", "flood", "-x", "80", "-y", "24", ...program);
  const echoes: number[] = [];
  const flooding = drained({ command: [...tmux.command, "attach", "-t", "flood"], env: tmux.env });
  const tookMs = await meanwhile(flooding, async () => void echoes.push(await timed(() => typeKey(other))));
  return { mbPerSecond: rate(tookMs), echoP99: percentile(echoes, 0.99) };
}

function drained(order: DrainOrder): Promise<number> {
  return Program.run<number>("peers/drain.ts", order);
}
