// Runs a program on a terminal of this very process and takes all it prints, without looking at it: the least that anybody can
// do with output. The program prints `ready` and waits for Enter; the answer is how long it took from there to its end, in ms.
import { spawn } from "@lydell/node-pty";
import { ready } from "../parent.ts";

export interface DrainOrder {
  readonly command: readonly [file: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
}

ready(({ command: [file, ...args], env }: DrainOrder) => {
  const pty = spawn(file, args, { encoding: null, cols: 80, rows: 24, name: "xterm-256color", env: { ...env } });
  let startedAtMs: number | null = null;
  let seen = "";
  pty.onData((piece) => {
    if (startedAtMs !== null) return;
    seen += piece;
    if (!seen.includes("ready")) return;
    startedAtMs = performance.now();
    pty.write("\r");
  });
  return new Promise<number>((resolve, reject) => {
    pty.onExit(() => {
      if (startedAtMs === null) reject(new Error(`the program ended before it was ready: ${seen}`));
      else resolve(performance.now() - startedAtMs);
    });
  });
});
