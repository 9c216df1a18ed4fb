// How long it takes to know that a command is over, by `run` and by `wait`, and that a program asks. The command and the program
// write the time themselves, as the last that they do before, on the clock that the processes of a machine share.
import { join } from "node:path";
import type { Client } from "@fleetty/client";
import { startServer } from "../tests/harness/server.ts";
import { type CommandRun, msSince, stampingEnd, stampingPrompt } from "./commands.ts";
import { alternate, type Latency, latency } from "./measure.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";

const ROUNDS = 5;
/** What is asked for all day is measured when it has been asked for a while. */
const WARM_ROUNDS = 5;
const ENDS_A_ROUND = 100;
const PROMPTS_A_ROUND = 20;
const WAIT_MAX_MS = 30_000;

export async function knowing(): Promise<Line[]> {
  await using server = await startServer();
  using client = server.client();
  await using sentinels = await Program.start("peers/sentinel-shell.ts");
  await client.sessions.create({ name: "knowing", argv: ["bash"] });
  const file = (number: number) => join(server.home.root, `stamp-${number}`);
  const contenders = {
    run: () => endsByRun(client, file),
    wait: () => endsByWait(client, file),
    bare: () => endsBySentinels(sentinels, file),
    asked: () => prompts(client, file),
  };
  await alternate(WARM_ROUNDS, contenders);
  const { run, wait, bare, asked } = await alternate(ROUNDS, contenders);
  return [
    ...linesOf("from a command's end to the answer of `run`", run, bare),
    ...linesOf("from a command's end to the answer of `wait`", wait, bare),
    {
      measure: "from a program's question to `needs_input` by `wait`, p50",
      unit: "ms",
      fleetty: asked.p50,
      beside: {},
      aim: { is: "at most", bound: 150 },
    },
    {
      measure: "from a program's question to `needs_input` by `wait`, p99",
      unit: "ms",
      fleetty: asked.p99,
      beside: {},
    },
  ];
}

function linesOf(measure: string, ours: Latency, bare: Latency): Line[] {
  const figures = (of: keyof Latency) => ({ fleetty: ours[of], beside: { "bash with sentinels": bare[of] } });
  return [
    { measure: `${measure}, p50`, unit: "ms", ...figures("p50"), aim: { is: "at most", bound: 3 } },
    { measure: `${measure}, p99`, unit: "ms", ...figures("p99") },
  ];
}

type FileOf = (number: number) => string;

async function endsByRun(client: Client, file: FileOf): Promise<Latency> {
  return latency(
    await samples(ENDS_A_ROUND, async (number) => {
      const { reason } = await client.sessions.run({ session: "knowing", command: stampingEnd(file(number)) });
      return reason === "command" ? msSince(file(number), process.hrtime.bigint()) : Number.NaN;
    }),
  );
}

async function endsByWait(client: Client, file: FileOf): Promise<Latency> {
  return latency(
    await samples(ENDS_A_ROUND, async (number) => {
      const since = await type(client, `${stampingEnd(file(number))}\n`);
      const wish = { session: "knowing", since, until: { command: true as const }, max_wait_ms: WAIT_MAX_MS };
      const { reason } = await client.sessions.wait(wish);
      return reason === "command" ? msSince(file(number), process.hrtime.bigint()) : Number.NaN;
    }),
  );
}

async function endsBySentinels(shell: Program, file: FileOf): Promise<Latency> {
  const files = Array.from({ length: ENDS_A_ROUND }, (_, at) => file(at));
  const { runs } = await shell.ask<{ readonly runs: readonly CommandRun[] }>({ commands: files.map(stampingEnd) });
  return latency(runs.map(({ endedAtNs }, at) => msSince(file(at), BigInt(endedAtNs))));
}

async function prompts(client: Client, file: FileOf): Promise<Latency> {
  return latency(
    await samples(PROMPTS_A_ROUND, async (number) => {
      const since = await type(client, `${stampingPrompt(file(number))}\n`);
      const until = { attention: ["needs_input" as const] };
      const { reason } = await client.sessions.wait({ session: "knowing", since, until, max_wait_ms: WAIT_MAX_MS });
      const tookMs = reason === "needs_input" ? msSince(file(number), process.hrtime.bigint()) : Number.NaN;
      const answered = await type(client, "somebody\n");
      const ended = { session: "knowing", since: answered, until: { command: true as const } };
      await client.sessions.wait({ ...ended, max_wait_ms: WAIT_MAX_MS });
      return tookMs;
    }),
  );
}

/** Where the session was before it. */
function type(client: Client, text: string) {
  return client.sessions.input({ session: "knowing", data: Buffer.from(text) });
}

/** One after the other. Throws when one is not a number: it was not found out at all. */
async function samples(count: number, take: (number: number) => Promise<number>): Promise<number[]> {
  const taken: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const sample = await take(number);
    if (Number.isNaN(sample)) throw new Error(`sample ${number} was answered by something else`);
    taken.push(sample);
  }
  return taken;
}
