// Decides what a session is said to want, from what happens to it and what is stated of it, one after the other. Pure: the
// caller brings the clock and the session's position. Knows no mark, no process and no timer.
//
//   any ──input──► working ──statement twice alike, or once where a mark bears it out──► as stated ──output──► looked at again
//   any ──report──► as reported ──input──► working          (a report outlives output and looks, but not a secret that is asked for)
//   any ──exit──► done, for good
import type { Position } from "@fleetty/protocol/schemas/common";
import type { AttentionWord, Verdict } from "./verdict.ts";

/** One verdict, from when it held. */
export interface Change extends Position, Verdict {
  /** On the clock of the caller. */
  readonly atMs: number;
  /** Counts the changes of this session from 1. */
  readonly number: number;
}

/** Where and when something happened. */
export interface Moment extends Position {
  readonly nowMs: number;
}

/** From where a caller looks: `seq` is the number of the change that it knows, and then decides alone. */
export interface AttentionSince {
  readonly generation: number;
  readonly seq?: number | undefined;
}

/** What only the kernel or the text says is said when two looks so far apart say the same. */
export const AGREE_MS = 30;
/** Changes that are remembered, for waits that begin in the past. */
const CHANGES_MAX = 256;

const BORN: Verdict = {
  attention: "working",
  confidence: "heuristic",
  source: "quiet",
  rule: "Q1",
  says: "it has been started, and nothing else is known yet",
};
const TYPED: Verdict = {
  attention: "working",
  confidence: "strong",
  source: "kernel",
  rule: "K8",
  says: "something has been typed, and what it did is not known yet",
};
const ENDED: Verdict = {
  attention: "done",
  confidence: "exact",
  source: "process",
  rule: "E1",
  says: "the program has ended",
};

export class AttentionState {
  #current: Change;
  #candidate: { readonly verdict: Verdict; readonly sinceMs: number } | null = null;
  #changes: Change[];
  /** Generation of the session at the newest evidence for what is said. */
  #confirmed: number;

  constructor(born: Moment) {
    this.#confirmed = born.generation;
    this.#current = changeOf(BORN, born, 1);
    this.#changes = [this.#current];
  }

  get current(): Change {
    return this.#current;
  }

  /** Whether a look has said something else than what is said: another one is to confirm it. */
  get isWavering(): boolean {
    return this.#candidate !== null;
  }

  /** Oldest first. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** Something was typed: whatever was wanted may have been given. */
  input(at: Moment): boolean {
    return this.#say(TYPED, at);
  }

  /** A mark says it, and the kernel does not contradict. */
  mark(verdict: Verdict, at: Moment): boolean {
    return this.#say(verdict, at);
  }

  /** The program says it. */
  report(verdict: Verdict, at: Moment): boolean {
    return this.#say(verdict, at);
  }

  /** One look. What differs is said once it has been stated twice. Returns whether it changed. */
  look(verdict: Verdict, at: Moment): boolean {
    if (this.#outweighs(verdict)) return false;
    if (verdict.attention === this.#current.attention) {
      this.#candidate = null;
      return this.#say(isSurer(verdict, this.#current) ? verdict : this.#current, at);
    }
    if (verdict.attention !== this.#candidate?.verdict.attention) {
      this.#candidate = { verdict, sinceMs: at.nowMs };
      return false;
    }
    if (at.nowMs - this.#candidate.sinceMs < AGREE_MS) return false;
    return this.#say(verdict, at);
  }

  exit(at: Moment): boolean {
    return this.#say(ENDED, at);
  }

  /** Whether that is wanted by what is known from after a position, or was at some time since; `generation`: the present one. */
  hasBeen(word: AttentionWord, since: AttentionSince, generation: number): Change | null {
    const isSince = (change: Change) =>
      since.seq === undefined ? change.generation > since.generation : change.number > since.seq;
    const isConfirmed = this.#confirmed > since.generation || since.generation === generation;
    if (this.#current.attention === word && since.seq === undefined && isConfirmed) return this.#current;
    for (let at = this.#changes.length - 1; at >= 0; at -= 1) {
      const change = this.#changes[at] as Change;
      if (!isSince(change)) return null;
      if (change.attention === word) return change;
    }
    return null;
  }

  /**
   * A report outlives what the kernel sees, but not a secret that is asked for; that it works it outlives only where the kernel
   * doubts that it waits, as of an agent that draws a spinner. A shell that says that it is at its prompt is not
   * at work, whatever helpers of it compute (fish completes in the foreground). The end is the end.
   */
  #outweighs({ attention, source, how }: Verdict): boolean {
    const { source: from, attention: is } = this.#current;
    if (from === "process") return true;
    if (from === "hook") return is === "working" ? how === "event_loop" : attention !== "needs_secret";
    return from === "mark" && is === "ready" && attention === "working" && source === "kernel";
  }

  #say(verdict: Verdict, at: Moment): boolean {
    if (this.#current.source === "process") return false;
    this.#candidate = null;
    this.#confirmed = at.generation;
    const { number, atMs, generation, offset } = this.#current;
    const isOtherQuestion = verdict.source === "hook" && verdict.text !== this.#current.text;
    if (verdict.attention === this.#current.attention && !isOtherQuestion) {
      // Known better, or from somewhere else: no change of what is wanted.
      this.#current = { ...verdict, number, atMs, generation, offset };
      return false;
    }
    this.#current = changeOf(verdict, at, number + 1);
    this.#remember(this.#current);
    return true;
  }

  #remember(change: Change): void {
    this.#changes.push(change);
    // In steps, so that moving them costs little.
    if (this.#changes.length >= 2 * CHANGES_MAX) this.#changes = this.#changes.slice(-CHANGES_MAX);
  }
}

function changeOf(verdict: Verdict, { nowMs, generation, offset }: Moment, number: number): Change {
  return { ...verdict, generation, offset, atMs: nowMs, number };
}

const SURENESS = { heuristic: 0, strong: 1, exact: 2 };

function isSurer(one: Verdict, other: Verdict): boolean {
  return SURENESS[one.confidence] > SURENESS[other.confidence];
}
