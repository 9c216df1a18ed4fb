// Answers what stands where a session waits: the line that asks, whether something has been typed at a shell's prompt, and which
// shell that is.

import { readBytes } from "../output/output-range.ts";
import { textOf } from "../output/text-of.ts";
import type { Session } from "./session.ts";

export type Question = {
  /** The line that the cursor is in; where that is blank, the nearest above with something in it. */
  readonly text: string;
  readonly row: number;
  /** Of the screen that shows it. */
  readonly epoch: number;
};

/** What is told of a line (public limits). */
const TEXT_MAX = 1024;

export function questionOf(session: Session): Question {
  const screen = session.caughtUp();
  const epoch = screen.look();
  const { whole, row } = screen.cursorLine();
  if (whole.trim() !== "") return { text: whole.trim().slice(0, TEXT_MAX), row, epoch };
  const lines = screen.read("plain").lines as string[];
  for (let above = row - 1; above >= 0; above -= 1) {
    const text = (lines[above] as string).trim();
    if (text !== "") return { text: text.slice(0, TEXT_MAX), row: above, epoch };
  }
  return { text: "", row, epoch };
}

/**
 * Whether nothing stands behind the prompt: what was printed since it was whole shows nothing. Known from the shell's marks;
 * without them nothing is known, and it is taken to be so.
 */
export function isPromptClean(session: Session): boolean {
  const { inputAt, isTypedSince } = session.shell;
  const { ring } = session;
  if (inputAt === null || inputAt < ring.oldest) return inputAt === null;
  return !isTypedSince || textOf(readBytes(ring, { from: inputAt, to: ring.end }), inputAt).trim() === "";
}

/** The shell that the session's own program was at the last look, such as `bash`; null: none that is known. */
export function shellOf({ attention }: Session): string | null {
  const { leader } = attention;
  return leader?.interpreter?.kind === "shell" ? leader.program : null;
}
