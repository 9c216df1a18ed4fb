// What the worker keeps on its disk, in its own words. Whoever implements it knows SQL; nobody else does.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";

/** A session as it is recorded: enough to find it again, and to say what was last known when nobody else can. */
export interface SessionRow {
  readonly id: string;
  readonly name: string;
  readonly state: "live" | "ended";
  readonly hostId: string;
  readonly info: SessionInfo;
  /** Killed: no longer found by its name. */
  readonly isHidden: boolean;
}

/** What a worker finds when it starts. */
export interface WorkerBeginning {
  /** Number of this run: one more than the last. */
  readonly incarnation: number;
  /** The next number that may become a session's name. */
  readonly counter: number;
  /** Oldest first. */
  readonly sessions: readonly SessionRow[];
}

/**
 * Every number of the journal of a run is above this, and below that of the next run: numbers that came to no disk are not used
 * again. A run of the server counts to a billion; JavaScript's numbers hold nine million runs.
 */
export function beforeNumbersOf(incarnation: number): number {
  return incarnation * 1_000_000_000;
}

/** Something that happened to a session, under its number. */
export interface JournalRow {
  readonly seq: number;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly at: string;
  /** JSON. */
  readonly event: string;
}

/** A secret that is kept here. */
export interface SecretRow {
  readonly name: string;
  /** Under this machine's secret.key. */
  readonly sealed: string;
  readonly tags: readonly string[];
  readonly prompt: string | null;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly created_at: string;
}

/** Secrets that are kept, by name, and when each was used last, also of those that are configured. */
export interface KeptSecrets {
  readonly rows: readonly SecretRow[];
  readonly uses: readonly (readonly [name: string, at: string])[];
}

/** Rows after a number, oldest first; `gone` is the highest number whose row is not kept any more. */
export interface JournalPart {
  readonly rows: readonly JournalRow[];
  readonly gone: number;
}

/**
 * A write outlives this process when it resolves, and the machine too unless it is of a live session, which does not; that
 * one is on the disk a second later, as are rows of the journal. Writes asked for together share one transaction.
 */
export interface WorkerStore {
  begin(): Promise<WorkerBeginning>;
  /** Records a session, new or known, together with the counter that named it. */
  recordSession(row: SessionRow, counter: number): Promise<void>;
  forgetSession(id: string): Promise<void>;
  /** Adds them to the journal. `lost`: the highest number that will not come; 0 for none. */
  keepEvents(rows: readonly JournalRow[], lost: number): Promise<void>;
  eventsAfter(seq: number, max: number): Promise<JournalPart>;
  /** All that this run has told is in the journal. Without this word something may be missing after its last row. */
  endJournal(incarnation: number): Promise<void>;
  /** Lets go of what is older than `before` (as `at`), and of the oldest beyond `kept`. */
  expireEvents(before: string, kept: number): Promise<void>;
  secrets(): Promise<KeptSecrets>;
  /** Keeps it in place of the one of its name; false when `max` others are kept, and it is not. */
  keepSecret(row: SecretRow, max: number): Promise<boolean>;
  /** Whether it was there. */
  forgetSecret(name: string): Promise<boolean>;
  useSecret(name: string, at: string): Promise<void>;
  close(): Promise<void>;
}
