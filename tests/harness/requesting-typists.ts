// Two who type numbered inputs by request while everything between them and the terminal dies: one gives each input an id and
// asks again until it is answered, one asks once and believes what is said. Both hold what they are told against each other.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Said, Way } from "./requested-input.ts";

/** What a link, a server or a host that is away may be told by. */
const AWAY: ReadonlySet<string> = new Set(["server_unavailable", "server_timeout", "not_ready"]);
/** Pause before an input is asked for again. */
const AGAIN_MS = 100;
/** Members are dialled ever more seldom, at last every half minute, and may be away for several such waits. */
const ANSWERED_WITHIN_MS = 120_000;

/** The text of an input. */
const textOf = (number: number) => `${number};`;

/** All inputs up to that one, as a terminal that took each once has them. */
export function allTyped(last: number): string {
  return Array.from({ length: last }, (_, at) => textOf(at + 1)).join("");
}

/** Never goes on before it knows that its input is typed. */
export class InsistingTypist {
  /** Inputs that are typed. */
  answered = 0;
  /** Requests that were made again, and answers that said so. */
  readonly counts = { repeated: 0, duplicates: 0 };
  readonly #way: Way;
  /** Position before the first input. Nothing but inputs moves it: the program is silent. */
  #from: { readonly generation: number; readonly offset: number } | null = null;

  constructor(way: Way) {
    this.#way = way;
  }

  async typeNext(): Promise<void> {
    const number = this.answered + 1;
    const untilMs = performance.now() + ANSWERED_WITHIN_MS;
    const before: Said[] = [];
    for (;;) {
      const said = await this.#way({ text: textOf(number), id: `${number}` });
      if (said.kind === "typed") {
        this.#check(number, said, before);
        break;
      }
      assertAway(said, number);
      before.push(said);
      assert.ok(performance.now() < untilMs, `input ${number} is not answered: ${JSON.stringify(summed(before))}`);
      await delay(AGAIN_MS);
    }
    this.counts.repeated += before.length;
    this.answered = number;
  }

  /** It is the next input of the terminal, and a repetition exactly when an attempt before may have typed it. */
  #check(number: number, said: Extract<Said, { kind: "typed" }>, before: readonly Said[]): void {
    const { generation, offset, duplicate } = said;
    const about = `input ${number} after ${JSON.stringify(summed(before))}: ${JSON.stringify(said)}`;
    this.#from ??= { generation, offset };
    const expected = { generation: this.#from.generation + number - 1, offset: this.#from.offset };
    assert.deepEqual({ generation, offset }, expected, `another position of ${about}`);
    const fates = before.map(fateOf);
    if (duplicate) assert.ok(fates.includes("unclear") || fates.includes("typed"), `nobody typed ${about}`);
    else assert.ok(!fates.includes("typed"), `it was said to be typed: ${about}`);
    if (duplicate) this.counts.duplicates += 1;
  }
}

/** Asks for each input once, without an id. */
export class CarelessTypist {
  readonly #way: Way;
  readonly #fates: Fate[] = [];

  constructor(way: Way) {
    this.#way = way;
  }

  async typeNext(): Promise<void> {
    const number = this.#fates.length + 1;
    const said = await this.#way({ text: textOf(number) });
    if (said.kind === "typed") assert.equal(said.duplicate, false);
    else {
      assertAway(said, number);
      await delay(AGAIN_MS);
    }
    this.#fates.push(fateOf(said));
  }

  /** How many inputs met each end. */
  get counts(): Record<Fate, number> {
    const count = (wanted: Fate) => this.#fates.filter((fate) => fate === wanted).length;
    return { typed: count("typed"), untyped: count("untyped"), unclear: count("unclear") };
  }

  /** Nothing came twice or late, and what was said of each input is true. */
  check(recorded: string): void {
    const there = recorded.split(";").slice(0, -1).map(Number);
    const isInOrder = there.every((number, at) => at === 0 || number > (there[at - 1] as number));
    assert.ok(isInOrder, `an input came twice or out of order: ${there.join(" ")}`);
    const isThere = new Set(there);
    for (const [at, fate] of this.#fates.entries()) {
      if (fate === "typed") assert.ok(isThere.has(at + 1), `input ${at + 1} was acknowledged and is not there`);
      if (fate === "untyped") assert.ok(!isThere.has(at + 1), `input ${at + 1} was said not to be there, and is`);
    }
  }
}

/** How often each was said, in the order in which they were said first. */
function summed(all: readonly Said[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const said of all) counts[JSON.stringify(said)] = (counts[JSON.stringify(said)] ?? 0) + 1;
  return counts;
}

type Fate = "typed" | "untyped" | "unclear";

/** As it was said. */
function fateOf(said: Said): Fate {
  if (said.kind === "typed") return "typed";
  if (said.kind === "unanswered" || said.mayHaveRun === "unknown") return "unclear";
  return said.mayHaveRun ? "typed" : "untyped";
}

/** Refused for nothing but what was away, with a word on whether it may have been typed. */
function assertAway(said: Said, number: number): void {
  if (said.kind !== "refused") return;
  const about = `input ${number}: ${JSON.stringify(said)}`;
  assert.ok(AWAY.has(said.code), `refused for another reason: ${about}`);
  assert.ok([true, false, "unknown"].includes(said.mayHaveRun as boolean), `not said whether it was typed: ${about}`);
}
