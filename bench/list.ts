// How long it takes to see what runs: `fleetty ls` as a whole process, beside Node doing nothing and `tmux ls`.
import { spawnSync } from "node:child_process";
import { LAUNCHER, startServer, type TestServer } from "../tests/harness/server.ts";
import { alternate, latency, timed } from "./measure.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const SESSIONS = 10;
const ROUNDS = 5;
const RUNS_A_ROUND = 10;

export async function list(): Promise<Line[]> {
  await using server = await startServer();
  await using tmux = new Tmux(server.home);
  await startSleepers(server, tmux);
  const run = (command: readonly [string, ...string[]]) => () => wholeProcess(command, server.home.env);
  const { fleetty, node, tmuxLs } = await alternate(ROUNDS, {
    fleetty: run([LAUNCHER, "ls"]),
    node: run([process.execPath, "-e", "0"]),
    tmuxLs: run([...tmux.command, "ls"]),
  });
  const measure = `\`fleetty ls\` of ${SESSIONS} sessions, whole process`;
  return [
    {
      measure: `${measure}, p50`,
      unit: "ms",
      fleetty: fleetty.p50,
      beside: { "node -e 0": node.p50, "tmux ls": tmuxLs.p50 },
      aim: { is: "at most", bound: 3, times: "node -e 0" },
    },
  ];
}

async function startSleepers(server: TestServer, tmux: Tmux): Promise<void> {
  for (let i = 0; i < SESSIONS; i++) {
    await server.ask({ path: "/sessions", body: { argv: ["sleep", "1000000"] } });
    tmux.run("new-session", "-d", "sleep 1000000");
  }
}

async function wholeProcess([program, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
  const samplesMs: number[] = [];
  for (let i = 0; i < RUNS_A_ROUND; i++) {
    samplesMs.push(await timed(() => spawnSync(program, args, { env: { ...env }, stdio: "ignore" })));
  }
  return latency(samplesMs);
}
