// How long it takes from creating a session to its shell's prompt on its screen, and how many are created a second, one after
// another and 16 at once; beside tmux, whose way is `new-session -d` and `capture-pane`.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { alternate, latency, timed } from "./measure.ts";
import type { Line } from "./table.ts";
import { Tmux } from "./tmux.ts";

const ROUNDS = 5;
const PROMPTS_A_ROUND = 20;
const SESSIONS_A_ROUND = 48;
const AT_ONCE = 16;
const SHELL = { argv: ["bash", "--norc", "--noprofile"], env: { PS1: "ready$ " } };
const execute = promisify(execFile);

export async function create(): Promise<Line[]> {
  await using server = await startServer();
  await using tmux = new Tmux(server.home);
  // Both servers run, and hold a session that is not counted.
  await server.ask({ path: "/sessions", body: SHELL });
  tmux.run("new-session", "-d", "-s", "kept");
  const prompts = { fleetty: () => promptsOf(server), tmux: () => promptsOfTmux(tmux) };
  const rates = (atOnce: number) => ({ fleetty: () => rateOf(server, atOnce), tmux: () => rateOfTmux(tmux, atOnce) });
  await alternate(1, prompts);
  const prompt = await alternate(ROUNDS, prompts);
  const alone = await alternate(ROUNDS, rates(1));
  const together = await alternate(ROUNDS, rates(AT_ONCE));
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
  ];
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

async function rateOf(server: TestServer, atOnce: number) {
  let left = SESSIONS_A_ROUND;
  const make = async () => {
    while (left-- > 0) await created(server);
  };
  const tookMs = await timed(() => Promise.all(Array.from({ length: atOnce }, make)));
  await endAll(server);
  return { perSecond: (SESSIONS_A_ROUND / tookMs) * 1_000 };
}

async function created(server: TestServer): Promise<void> {
  const { status, body } = await server.ask({ path: "/sessions", body: SHELL });
  if (status !== 201) throw new Error(`no session: ${body}`);
}

/** All but the first. */
async function endAll(server: TestServer): Promise<void> {
  const { json } = await server.ask({ path: "/sessions" });
  const [, ...sessions] = json as { id: string }[];
  await Promise.all(sessions.map(({ id }) => server.ask({ method: "DELETE", path: `/sessions/${id}?grace_ms=0` })));
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

async function rateOfTmux(tmux: Tmux, atOnce: number) {
  const tookMs = await timed(() => script(tmux, "tmux-sessions.sh", SESSIONS_A_ROUND, atOnce));
  tmux.run("kill-session", "-a", "-t", "kept");
  return { perSecond: (SESSIONS_A_ROUND / tookMs) * 1_000 };
}

async function script(tmux: Tmux, file: string, ...numbers: readonly number[]): Promise<string> {
  const args = [...numbers.map(String), ...tmux.command];
  const { stdout } = await execute(join(import.meta.dirname, "peers", file), args, { env: tmux.env });
  return stdout;
}
