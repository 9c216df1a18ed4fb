// Watches what the product says of a session at a moment, and holds it against the truth: what was said in the end, and
// whatever was said on the way that nobody may be told when it is false.
import assert from "node:assert/strict";
import type { AttentionWord, Certainty } from "@fleetty/worker/attention/verdict";
import type { TestSession } from "../harness/session.ts";
import type { Moment } from "./situation.ts";

/** One change of what was said, as `explain` remembers it. */
export interface Said {
  readonly attention: AttentionWord;
  readonly confidence: Certainty;
  readonly rule: string;
  readonly generation: number;
  readonly offset: number;
}

export interface Taken {
  readonly situation: string;
  readonly at: number;
  readonly moment: Moment;
  /** From what was said when the moment began to what was said last. */
  readonly said: readonly Said[];
  readonly evidence: readonly object[];
  /** What counts: what was said last, or the worst of what was said on the way. */
  readonly verdict: Said;
  readonly isRight: boolean;
}

/** A session that is typed into because of them gets text that was not meant for it. */
const HARMFUL: readonly AttentionWord[] = ["ready", "done", "needs_secret"];
/** Only what is never said takes so long. */
const DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** Waits as a user would until it is said to be so, and then looks on for as long as it must stay so. */
export async function takeVerdict(situation: string, session: TestSession, moment: Moment, at: number): Promise<Taken> {
  const said = new Sayings(await explained(session));
  const { json: since } = await session.ask("");
  const until = { attention: moment.truth };
  await session.ask("/wait", { body: { since, until, max_wait_ms: DEADLINE_MS } });
  const heldUntilMs = performance.now() + moment.holdMs;
  for (;;) {
    said.goOn(await explained(session));
    if (performance.now() >= heldUntilMs || !isTrue(moment, said.last)) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const { all, evidence } = said;
  const harmful = all.find((one, index) => isFalseAlarm(moment, one) && !(index === 0 && isOfBefore(moment, one)));
  const verdict = harmful ?? said.last;
  return { situation, at, moment, said: all, evidence, verdict, isRight: isTrue(moment, verdict) };
}

/** What is said from one moment on, put together from answers that each tell the newest changes. */
class Sayings {
  readonly all: Said[];
  evidence: readonly object[];

  constructor({ history: [now], evidence }: Explained) {
    this.all = [now as Said];
    this.evidence = evidence;
  }

  get last(): Said {
    return this.all.at(-1) as Said;
  }

  goOn({ history, evidence }: Explained): void {
    const known = history.findIndex((one) => isSame(one, this.last));
    this.all.push(...history.slice(0, known === -1 ? history.length : known).toReversed());
    this.evidence = evidence;
  }
}

function isSame(one: Said, other: Said): boolean {
  return one.attention === other.attention && one.generation === other.generation && one.offset === other.offset;
}

function isFalseAlarm(moment: Moment, one: Said): boolean {
  return HARMFUL.includes(one.attention) && !isTrue(moment, one);
}

function isOfBefore({ before }: Moment, { attention }: Said): boolean {
  return attention === before;
}

function isTrue(moment: Moment, { attention }: Said): boolean {
  return moment.truth.includes(attention);
}

/** True of what nobody may be told, and of a secret in line mode that is not seen. */
export function isHarmful({ isRight, verdict, moment }: Taken): boolean {
  const isMissed = moment.truth[0] === "needs_secret" && moment.isRaw !== true;
  return !isRight && (HARMFUL.includes(verdict.attention) || isMissed);
}

interface Explained {
  /** Newest first. */
  readonly history: readonly Said[];
  readonly evidence: readonly object[];
}

async function explained(session: TestSession): Promise<Explained> {
  const { status, json, body } = await session.ask("/explain");
  assert.equal(status, 200, `explain of ${session.name}: ${body}`);
  return json;
}
