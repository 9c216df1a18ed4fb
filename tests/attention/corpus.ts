// Makes a test of each situation of a list, all side by side on one server of their own, and tells at the end how often the
// verdicts were right: to the run of all tests where it is a part of it, else on the error stream.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { installed } from "../harness/programs.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { confusionOf, printed } from "./confusion.ts";
import { type KnownMiss, knownMisses } from "./known-misses.ts";
import type { Situation } from "./situation.ts";
import { play } from "./stage.ts";
import { isHarmful, type Taken, takeVerdict } from "./verdicts.ts";

/** They wait more than they compute. */
const AT_ONCE = 8;

export interface CorpusOptions {
  /** The server that they are played on; one of the test's own user without it. */
  readonly open?: () => Promise<TestServer>;
  /** Why none of them can be played. */
  readonly skip?: string | false;
}

export function corpus(title: string, situations: readonly Situation[], options: CorpusOptions = {}): void {
  const { open = startServer, skip = false } = options;
  describe(title, { concurrency: AT_ONCE, skip }, () => {
    const taken: Taken[] = [];
    let server: TestServer | null = null;

    before(async () => {
      server = await open();
    });

    after(async () => {
      tell(title, taken);
      await server?.[Symbol.asyncDispose]();
    });

    for (const situation of situations)
      it(situation.name, { skip: missingOf(situation) }, async () => {
        const own: Taken[] = [];
        await play(server as TestServer, situation, async (session, moment, at) => {
          own.push(await takeVerdict(situation.name, session, moment, at));
        });
        taken.push(...own);
        for (const one of own) assertExcused(one);
        assertMissed(situation, own);
      });
  });
}

/** What to say to the runner where a program is missing. */
function missingOf({ argv: [first = ""], needs = [] }: Situation): string | false {
  for (const name of [first, ...needs]) {
    const { skip } = installed(name.split("/").at(-1) as string);
    if (!name.includes("/attention/programs/") && skip !== false) return skip;
  }
  return false;
}

/** Right, or known to be wrong; what does harm only if it was said as a guess. */
function assertExcused(one: Taken): void {
  if (one.isRight) return;
  const miss = knownMisses.find(({ situation, said }) => situation === one.situation && said === one.verdict.attention);
  const isGuess = one.verdict.confidence === "heuristic";
  assert.ok(miss !== undefined && (isGuess || !isHarmful(one)), diagnosis(one, miss));
}

/** What is right after all is not to be excused any longer. */
function assertMissed({ name }: Situation, own: readonly Taken[]): void {
  const isExcused = knownMisses.some(({ situation }) => situation === name);
  assert.ok(
    !isExcused || own.some(({ isRight }) => !isRight),
    "it is a known miss, but was said right: strike it there",
  );
}

function diagnosis({ at, moment, verdict, said, evidence }: Taken, miss: KnownMiss | undefined): string {
  const known = miss === undefined ? "" : " (a known miss, but not said as a guess)";
  const way = said.map(({ attention, confidence, rule }) => `${attention} ${confidence} (${rule})`).join(", ");
  return (
    `at moment ${at} it is ${moment.truth.join(" or ")} and was said to be ${verdict.attention}${known}\n` +
    `  said, in order: ${way}\n  from ${JSON.stringify(evidence)}`
  );
}

function tell(title: string, taken: readonly Taken[]): void {
  const counts = confusionOf(taken);
  const folder = process.env["FLEETTY_TEST_CONFUSION"];
  if (folder === undefined) process.stderr.write(printed(`${title}: ${taken.length} moments`, counts));
  else writeFileSync(join(folder, `${title.replaceAll(/\W+/g, "-")}.json`), JSON.stringify(counts));
}
