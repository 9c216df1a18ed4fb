// Decides what becomes of a second link of one server: a restart takes the place of the run before, and a copy of its state
// on another machine is kept out. Pure: the caller asks the holder for a sign of life, and brings the clock.

/** One run of a server, as its hello told of it. */
export interface LinkedRun {
  /** Hash of machine and boot. */
  readonly hostPrint: string;
  /** Number of the run, kept in the state folder. */
  readonly incarnation: number;
}

/** Whether the holder of the link gave a sign of life when it was asked; null before. */
export type Answers = boolean | null;

/** Who gets the link; `ask`: that depends on whether the holder answers; `clone`: the holder keeps it, and there are two. */
export type DuplicateVerdict = "newcomer" | "holder" | "ask" | "clone";

export function judgeDuplicate(newcomer: LinkedRun, holder: LinkedRun, answers: Answers): DuplicateVerdict {
  if (newcomer.hostPrint === holder.hostPrint)
    return newcomer.incarnation >= holder.incarnation ? "newcomer" : "holder";
  if (answers === null) return "ask";
  if (answers) return "clone";
  return newcomer.incarnation > holder.incarnation ? "newcomer" : "holder";
}

/** More returns than this within the time, and nobody knows which of two is the right one (link protocol, duplicates). */
const RETURNS_MAX = 3;
const WITHIN_MS = 600_000;

/** Counts how often a run that another one had displaced came back: restarts never do, since each is a new run. */
export class Alternations {
  /** When each run was let in last. */
  readonly #runs = new Map<string, number>();
  #current: string | null = null;
  #returns: number[] = [];

  /** Whether letting this run in would be one return too many. */
  isTooMany(startId: string, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#isReturn(startId) && this.#returns.length >= RETURNS_MAX;
  }

  letIn(startId: string, nowMs: number): void {
    this.#forget(nowMs);
    if (this.#isReturn(startId)) this.#returns.push(nowMs);
    this.#runs.set(startId, nowMs);
    this.#current = startId;
  }

  /** A person has looked. */
  clear(): void {
    this.#runs.clear();
    this.#returns = [];
    this.#current = null;
  }

  #isReturn(startId: string): boolean {
    return startId !== this.#current && this.#runs.has(startId);
  }

  #forget(nowMs: number): void {
    this.#returns = this.#returns.filter((atMs) => atMs + WITHIN_MS > nowMs);
    for (const [startId, atMs] of this.#runs) if (atMs + WITHIN_MS <= nowMs) this.#runs.delete(startId);
  }
}
