// What it costs the session host to know what 500 sessions want, while all are quiet and while some of them print: the host as
// it is, beside the same host without attention.
import { resolve } from "node:path";
import { placeHost } from "../tests/harness/placed-host.ts";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { waitUntil } from "../tests/harness/wait-until.ts";
import { quietCpuPercent } from "./footprint.ts";
import type { Line } from "./table.ts";

const SESSIONS = 500;
const PRINTING = 50;
/** Creates under way at once. */
const AT_ONCE = 8;
const HOSTS = {
  attentive: resolve(import.meta.dirname, "../packages/worker/src/session-host/main.ts"),
  inattentive: resolve(import.meta.dirname, "inattentive-host.ts"),
};
/** Printed for ever, five times a second. */
const PRINTED = { lines: "a line of output\\n", spinner: "\\r|\\r/" } as const;

/** Percent of one processor. */
interface Cost {
  readonly quiet: number;
  readonly lines: number;
  readonly spinner: number;
}

export async function attention(): Promise<Line[]> {
  const [without, withIt] = [await costOf(HOSTS.inattentive), await costOf(HOSTS.attentive)];
  const line = (says: string, of: keyof Cost, bound: number): Line => ({
    measure: `CPU that attention costs the session host, ${SESSIONS} sessions ${says}`,
    unit: "%",
    fleetty: withIt[of] - without[of],
    beside: { "all of the host's": withIt[of], "without attention": without[of] },
    aim: { is: "at most", bound },
  });
  return [
    line("quiet at their prompts", "quiet", 1),
    line(`of which ${PRINTING} print a line each 200 ms`, "lines", 10),
    line(`of which ${PRINTING} turn a spinner each 200 ms`, "spinner", 10),
  ];
}

async function costOf(program: string): Promise<Cost> {
  await using server = await startServer({ args: ["--max-sessions", `${SESSIONS}`] });
  await placeHost(server, { node: [program] });
  for (let made = 0; made < SESSIONS; made += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, SESSIONS - made) }, (_, at) => made + at);
    await Promise.all(numbers.map((number) => createShell(server, number)));
  }
  const [host] = server.hosts();
  if (!host) throw new Error("the host has gone");
  const quiet = await settledCpu(server, host.pid);
  const lines = await printing(server, host.pid, PRINTED.lines);
  const spinner = await printing(server, host.pid, PRINTED.spinner);
  return { quiet, lines, spinner };
}

async function createShell(server: TestServer, number: number): Promise<void> {
  const body = { name: `shell-${number}`, argv: ["bash"], env: { PS1: "ready$ " } };
  const { status, body: said } = await server.ask({ path: "/sessions", body });
  if (status !== 201) throw new Error(`no session: ${said}`);
}

/** While some of them print; they are at their prompts before and after. */
async function printing(server: TestServer, pid: number, text: string): Promise<number> {
  const typed = `perl -e '$| = 1; while (1) { print "${text}"; select undef, undef, undef, 0.2 }'\n`;
  await inEach(server, typed);
  const percent = await settledCpu(server, pid);
  await inEach(server, "\x03");
  return percent;
}

async function inEach(server: TestServer, typed: string): Promise<void> {
  for (let number = 0; number < PRINTING; number += 1) {
    const { status } = await server.ask({ path: `/sessions/shell-${number}/input`, body: typed });
    if (status !== 200) throw new Error(`shell ${number} takes no input: ${status}`);
  }
}

/** Once the server has answered everything that was asked of it. */
async function settledCpu(server: TestServer, pid: number): Promise<number> {
  await waitUntil("all are listed", async () => (await server.ask({ path: "/sessions" })).json.length === SESSIONS);
  // What a look a little later still has to say of the last output or input belongs to that.
  await quietCpuPercent([pid]);
  return quietCpuPercent([pid]);
}
