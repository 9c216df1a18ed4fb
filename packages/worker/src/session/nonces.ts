// Holds the two secrets that a session has from its birth: a live session cannot be given them later.
import { randomBytes } from "node:crypto";

export interface Nonces {
  /** Known to the shell integration alone: makes a mark one that output cannot forge. */
  readonly marks: string;
  /** In the session's environment: makes a program's report one of this session. */
  readonly report: string;
}

/** 128 random bits each, in hexadecimal. */
export function makeNonces(): Nonces {
  return { marks: randomBytes(16).toString("hex"), report: randomBytes(16).toString("hex") };
}
