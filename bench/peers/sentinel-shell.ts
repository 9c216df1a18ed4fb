// One persistent bash in a terminal of this very process, whose commands end with a line that nobody else prints: the quickest
// that a program gets at the output and exit code of a command. Runs what it is sent, one command after the other.
import { randomUUID } from "node:crypto";
import { spawn } from "@lydell/node-pty";
import type { CommandRun } from "../commands.ts";
import { ready } from "../parent.ts";

const SENTINEL = randomUUID();
const ENDED = new RegExp(`${SENTINEL}:(\\d+);`);

const pty = spawn("bash", ["--norc", "--noprofile", "--noediting"], { env: { ...process.env, PS1: "", PS2: "" } });
let printed = "";
let onEnd: ((run: CommandRun) => void) | null = null;

pty.onData((piece) => {
  printed += piece;
  const end = ENDED.exec(printed);
  if (!end) return;
  const output = printed.slice(0, end.index).replaceAll("\r\n", "\n");
  printed = "";
  onEnd?.({ output, code: Number(end[1]), endedAtNs: String(process.hrtime.bigint()) });
});

/** In two parts, so that the terminal's echo of it is not taken for it. */
function run(command: string): Promise<CommandRun> {
  return new Promise((resolve) => {
    onEnd = resolve;
    pty.write(`${command}\nprintf '%s%s:%d;' ${SENTINEL.slice(0, 8)} ${SENTINEL.slice(8)} $?\n`);
  });
}

await run("stty -echo");
ready(async ({ commands }: { readonly commands: readonly string[] }) => {
  const startedAtMs = performance.now();
  const runs: CommandRun[] = [];
  for (const command of commands) runs.push(await run(command));
  return { tookMs: performance.now() - startedAtMs, runs };
});
