// Holds what a session is given, what it tells its host, and how it ended. Types alone.
import type { Exit } from "@fleetty/protocol/schemas/common";
import type { BirthRecord } from "../pty/birth-record.ts";
import type { Session } from "./session.ts";
import type { SessionNews } from "./session-news.ts";

export interface SessionLimits {
  /** Raw output kept, in bytes. */
  readonly ringBytes: number;
}

export interface SessionParts extends SessionLimits {
  /** Where its birth is recorded. */
  readonly record?: BirthRecord;
  /** Where scripts lie that have its shell mark its commands; absent: it is left alone. */
  readonly scripts?: string;
  /** Where its prompt lies that is handed over in a file. */
  readonly promptFile?: string;
}

/** What a session tells its host. */
export interface SessionHooks {
  /** What a reader of the screen has seen is no longer the newest. Told once after each read. */
  changed(session: Session): void;
  /** So many bytes of output have come: streams are to be pumped, and the screen fed in the coming turn. */
  output(session: Session, bytes: number): void;
  /** Somebody who waits is to look in the coming turn. */
  due(session: Session): void;
  /** Something that is told to the outside, and kept nowhere. */
  happened(session: Session, news: SessionNews): void;
  ended(session: Session): void;
}

export interface SessionEnd {
  readonly exit: Exit;
  readonly reason: string;
  readonly at: string;
  /** Last words of a program that ended as soon as it was started. */
  readonly tail: string | undefined;
}
