// What sessions at rest cost the processes that hold them, beside tmux: the fixed part, each further session between 100 and 500,
// and processor time. The programs in the sessions are not counted.
import { makeHome } from "../tests/harness/folders.ts";
import { startServer } from "../tests/harness/server.ts";
import { quietCpuPercent, settledPssKib, sum } from "./footprint.ts";
import { argv, SHELL, SLEEP } from "./programs.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const FEW = 100;
const MANY = 500;
/** Creates under way at once: enough to keep both processes busy. */
const AT_ONCE = 8;

/** A server whose sessions can be counted: it holds one already. */
interface Holder {
  readonly pids: readonly number[];
  add(sessions: number): Promise<void>;
}

interface Cost {
  readonly fixedMib: number;
  readonly eachKib: number;
  readonly cpuPercent: number;
}

interface Costs {
  readonly fleetty: Cost;
  readonly tmux: Cost;
}

export async function memory(): Promise<Line[]> {
  const silent = await costsOf(argv(SLEEP));
  const shell = await costsOf(argv(SHELL));
  const each = `PSS of server and host per further idle session, ${FEW} to ${MANY}`;
  const cpu = `CPU of server and host while ${MANY} sessions are quiet`;
  const [silently, atPrompt] = ["nothing printed", "shell at its prompt"];
  return [
    { measure: "PSS of server and host with one session", unit: "MiB", ...figures(silent, "fixedMib") },
    { measure: `${each}, ${silently}`, unit: "KiB", ...figures(silent, "eachKib"), aim: { is: "at most", bound: 60 } },
    { measure: `${each}, ${atPrompt}`, unit: "KiB", ...figures(shell, "eachKib"), aim: { is: "at most", bound: 400 } },
    { measure: `${cpu}, ${silently}`, unit: "%", ...figures(silent, "cpuPercent"), aim: { is: "at most", bound: 1 } },
    { measure: `${cpu}, ${atPrompt}`, unit: "%", ...figures(shell, "cpuPercent"), aim: { is: "at most", bound: 1 } },
  ];
}

function figures({ fleetty, tmux }: Costs, of: keyof Cost) {
  return { fleetty: fleetty[of], beside: { "tmux server": tmux[of] } };
}

async function costsOf(program: readonly string[]): Promise<Costs> {
  return { fleetty: await costOfFleetty(program), tmux: await costOfTmux(program) };
}

async function costOfFleetty(program: readonly string[]): Promise<Cost> {
  await using server = await startServer({ args: ["--max-sessions", String(MANY)] });
  const add = async (sessions: number) => {
    for (let made = 0; made < sessions; made += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, sessions - made) });
      const answers = await Promise.all(some.map(() => server.ask({ path: "/sessions", body: { argv: program } })));
      const refused = answers.find(({ status }) => status !== 201);
      if (refused) throw new Error(`no session: ${refused.body}`);
    }
  };
  await add(1);
  return await costOf({ pids: [server.pid, ...server.hosts().map(({ pid }) => pid)], add });
}

async function costOfTmux(program: readonly string[]): Promise<Cost> {
  using home = Object.assign(makeHome(), { [Symbol.dispose]: () => home.remove() });
  await using tmux = new Tmux(home);
  const add = async (sessions: number) => {
    for (let made = 0; made < sessions; made++) tmux.run("new-session", "-d", ...program);
  };
  await add(1);
  return await costOf({ pids: [tmux.pid], add });
}

async function costOf({ pids, add }: Holder): Promise<Cost> {
  const fixedKib = sum(await settledPssKib(pids));
  await add(FEW - 1);
  const few = await settledPssKib(pids);
  await add(MANY - FEW);
  const many = await settledPssKib(pids);
  const cpuPercent = await quietCpuPercent(pids);
  return { fixedMib: fixedKib / 1_024, eachKib: grownKib(few, many) / (MANY - FEW), cpuPercent };
}

/**
 * By how much the processes grew. A server gives back about 8 MB of what its start needed at some moment of the run, which
 * is 20 KiB a session and nothing that a session saves: a process that shrank counts as one that did not grow.
 */
function grownKib(before: readonly number[], after: readonly number[]): number {
  return sum(after.map((kib, i) => Math.max(0, kib - (before[i] ?? kib))));
}
