// Watches what the product says of a session at a moment, and holds it against the truth: what was said in the end, and
// whatever was said on the way that nobody may be told when it is false.
import type { AttentionWord, Certainty } from "@fleetty/worker/attention/verdict";
import type { TestSession } from "../harness/session.ts";
import type { Moment } from "./situation.ts";

/** What was said, and from what. */
export interface Said {
  readonly attention: AttentionWord;
  readonly confidence: Certainty;
  readonly evidence: readonly object[];
}

export interface Taken {
  readonly situation: string;
  readonly at: number;
  readonly moment: Moment;
  /** Each change of what was said, first to last. */
  readonly said: readonly Said[];
  /** What counts: what it settled on, or the worst of what was said on the way. */
  readonly verdict: Said;
  readonly isRight: boolean;
}

/** A session that is typed into because of them gets text that was not meant for it. */
const HARMFUL: readonly AttentionWord[] = ["ready", "done", "needs_secret"];
/** Only what is never said takes so long. */
const DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 40;

export async function takeVerdict(situation: string, session: TestSession, moment: Moment, at: number): Promise<Taken> {
  const said: Said[] = [];
  const settled = await watch(said, session, moment);
  const harmful = said.filter(wasHarmful(moment, said))[0];
  const verdict = harmful ?? settled;
  return { situation, at, moment, said, verdict, isRight: isTrue(moment, verdict) };
}

/** Resolves with what is said when the deadline has passed, or when it was the truth for as long as it must stay so. */
async function watch(said: Said[], session: TestSession, moment: Moment): Promise<Said> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  let heldSinceMs: number | null = null;
  for (;;) {
    const now = await explained(session);
    if (JSON.stringify(wordsOf(said.at(-1))) !== JSON.stringify(wordsOf(now))) said.push(now);
    if (isTrue(moment, now)) {
      heldSinceMs ??= performance.now();
      if (performance.now() - heldSinceMs >= moment.holdMs) return now;
    } else if (heldSinceMs !== null || performance.now() > deadlineMs) return now;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function wasHarmful(moment: Moment, said: readonly Said[]): (one: Said) => boolean {
  const isOld = (one: Said) => one.attention === moment.before && said.indexOf(one) === 0;
  return (one) => HARMFUL.includes(one.attention) && !isTrue(moment, one) && !isOld(one);
}

function isTrue(moment: Moment, { attention }: Said): boolean {
  return moment.truth.includes(attention);
}

/** True of what nobody may be told, and of a secret in line mode that is not seen. */
export function isHarmful({ isRight, verdict, moment }: Taken): boolean {
  const isMissed = moment.truth[0] === "needs_secret" && moment.isRaw !== true;
  return !isRight && (HARMFUL.includes(verdict.attention) || isMissed);
}

async function explained(session: TestSession): Promise<Said> {
  const { status, json, body } = await session.ask("/explain");
  if (status !== 200) throw new Error(`explain of ${session.name} answered ${status}: ${body}`);
  return { attention: json.attention, confidence: json.confidence, evidence: json.evidence };
}

function wordsOf(said: Said | undefined): readonly unknown[] {
  return [said?.attention, said?.confidence];
}
