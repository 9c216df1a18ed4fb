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
 * A write outlives this process when it resolves, and the machine too unless it is of a live session, which does not; that
 * one is on the disk a second later. Writes asked for together share one transaction.
 */
export interface WorkerStore {
  begin(): Promise<WorkerBeginning>;
  /** Records a session, new or known, together with the counter that named it. */
  recordSession(row: SessionRow, counter: number): Promise<void>;
  forgetSession(id: string): Promise<void>;
  close(): Promise<void>;
}
