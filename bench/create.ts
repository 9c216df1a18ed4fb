// How long it takes from creating a session to its shell's prompt on its screen, and how many are created a second, one after
// another and 16 at once, few and many; how long many take to end. Beside tmux, whose way is `new-session -d` and `capture-pane`.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { waitUntil } from "../tests/harness/wait-until.ts";
import { alternate, latency, timed } from "./measure.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const ROUNDS = 5;
const PROMPTS_A_ROUND = 20;
const SESSIONS_A_ROUND = 48;
const AT_ONCE = 16;
/** A day's work of many agents; the server is told of it, as its default is for one person. */
const MANY = 500;
const MANY_ROUNDS = 3;
const SHELL = { argv: ["bash", "--norc", "--noprofile"], env: { PS1: "ready$ " } };
const execute = promisify(execFile);

export async function create(): Promise<Line[]> {
  await using server = await startServer({ args: ["--max-sessions", String(MANY + 1)] });
  await using tmux = new Tmux(server.home);
  // Both servers run, and hold a session that is not counted.
  await server.ask({ path: "/sessions", body: SHELL });
  tmux.run("new-session", "-d", "-s", "kept");
  const prompts = { fleetty: () => promptsOf(server), tmux: () => promptsOfTmux(tmux) };
  const rates = (atOnce: number, sessions = SESSIONS_A_ROUND) => ({
    fleetty: () => rateOf(server, { atOnce, sessions }),
    tmux: () => rateOfTmux(tmux, { atOnce, sessions }),
  });
  await alternate(1, prompts);
  const prompt = await alternate(ROUNDS, prompts);
  const alone = await alternate(ROUNDS, rates(1));
  const together = await alternate(ROUNDS, rates(AT_ONCE));
  const many = await alternate(MANY_ROUNDS, rates(AT_ONCE, MANY));
  return [
    {
      measure: "create to the first prompt on the screen, p50",
      unit: "ms",
      fleetty: prompt.fleetty.p50,
      beside: { tmux: prompt.tmux.p50 },
      aim: { is: "at most", bound: 1.5, times: "tmux" },
    },
    rateLine("sessions created one after another", alone),
    rateLine(`sessions created, ${AT_ONCE} at once`, together),
    rateLine(`${MANY} sessions created, ${AT_ONCE} at once`, many),
    {
      measure: `created and not in the list of ${MANY} afterwards`,
      unit: "sessions",
      fleetty: many.fleetty.missing,
      beside: { tmux: many.tmux.missing },
      aim: { is: "at most", bound: 0 },
    },
    {
      measure: `those ${MANY} ended, to the last process gone`,
      unit: "ms",
      fleetty: many.fleetty.endedMs,
      beside: { tmux: many.tmux.endedMs },
      aim: { is: "at most", bound: 2, times: "tmux" },
    },
  ];
}

interface Crowd {
  readonly sessions: number;
  /** Creates under way at a time. */
  readonly atOnce: number;
}

type Rates = Readonly<Record<"fleetty" | "tmux", { readonly perSecond: number }>>;

function rateLine(measure: string, { fleetty, tmux }: Rates): Line {
  const beside = { tmux: tmux.perSecond };
  return { measure, unit: "/s", fleetty: fleetty.perSecond, beside, aim: { is: "at least", bound: 1, times: "tmux" } };
}

async function promptsOf(server: TestServer) {
  const samplesMs: number[] = [];
  for (let i = 0; i < PROMPTS_A_ROUND; i++) samplesMs.push(await timed(() => prompt(server)));
  await endAll(server);
  return latency(samplesMs);
}

async function prompt(server: TestServer): Promise<void> {
  const { json: session } = await server.ask({ path: "/sessions", body: SHELL });
  const until = { pattern: { regex: "^ready\\$", on: "screen" } };
  const { json } = await server.ask({ path: `/sessions/${session.id}/wait`, body: { until, screen: "plain" } });
  if (json.screen?.lines[0] !== "ready$") throw new Error(`no prompt: ${JSON.stringify(json)}`);
}

async function rateOf(server: TestServer, { sessions, atOnce }: Crowd) {
  const ids: string[] = [];
  let left = sessions;
  const make = async () => {
    while (left-- > 0) ids.push(await created(server));
  };
  const tookMs = await timed(() => Promise.all(Array.from({ length: atOnce }, make)));
  const { json } = await server.ask({ path: "/sessions" });
  const running = new Set((json as Listed[]).filter(({ state }) => state === "running").map(({ id }) => id));
  const missing = ids.filter((id) => !running.has(id)).length;
  const endedMs = await timed(() => endAll(server));
  return { perSecond: (sessions / tookMs) * 1_000, missing, endedMs };
}

interface Listed {
  readonly id: string;
  readonly state: string;
}

async function created(server: TestServer): Promise<string> {
  const { status, body, json } = await server.ask({ path: "/sessions", body: SHELL });
  if (status !== 201) throw new Error(`no session: ${body}`);
  return json.id;
}

/** All but the first, and every process of theirs. */
async function endAll(server: TestServer): Promise<void> {
  const { json } = await server.ask({ path: "/sessions" });
  const [, ...sessions] = json as Listed[];
  await Promise.all(sessions.map(({ id }) => ended(server, id)));
}

async function ended(server: TestServer, id: string): Promise<void> {
  const { status, body } = await server.ask({ method: "DELETE", path: `/sessions/${id}?grace_ms=0` });
  if (status !== 204) throw new Error(`${id} was not ended: ${body}`);
}

async function promptsOfTmux(tmux: Tmux) {
  const printed = await script(tmux, "tmux-prompts.sh", PROMPTS_A_ROUND);
  tmux.run("kill-session", "-a", "-t", "kept");
  const samplesMs = printed
    .trim()
    .split("\n")
    .map((us) => Number(us) / 1_000);
  return latency(samplesMs);
}

async function rateOfTmux(tmux: Tmux, { sessions, atOnce }: Crowd) {
  const tookMs = await timed(() => script(tmux, "tmux-sessions.sh", sessions, atOnce));
  const made = tmux
    .run("list-sessions", "-F", "#{session_name}")
    .split("\n")
    .filter((name) => name.startsWith("made"));
  const endedMs = await timed(async () => {
    tmux.run("kill-session", "-a", "-t", "kept");
    // It answers before the programs have gone.
    await waitUntil("all but one program of tmux have gone", () => childrenOf(tmux.pid).length <= 1);
  });
  return { perSecond: (sessions / tookMs) * 1_000, missing: sessions - made.length, endedMs };
}

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

async function script(tmux: Tmux, file: string, ...numbers: readonly number[]): Promise<string> {
  const args = [...numbers.map(String), ...tmux.command];
  const { stdout } = await execute(join(import.meta.dirname, "peers", file), args, { env: tmux.env });
  return stdout;
}
