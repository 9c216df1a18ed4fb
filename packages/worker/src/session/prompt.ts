// Answers what stands where a session waits: the line that asks, whether something has been typed at a shell's prompt, and which
// shell that is.
import { readBytes } from "../output/read-bytes.ts";
import { textOf } from "../output/text-of.ts";
import type { Session } from "./session.ts";

export type Question = {
  /** What the program reported; else the line that the cursor is in, or where that is blank the nearest above that is not. */
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
  const { text: shown, row } = screen.askingLine("whole");
  const { text = shown } = session.attention.current;
  return { text: text.trim().slice(0, TEXT_MAX), row, epoch };
}

/**
 * As `questionOf`, but only what nobody has typed, for those who keep it: a report, or the cursor's own line where nothing was
 * typed since it was begun. Undefined: there is no such line.
 */
export function untouchedQuestion(session: Session): Question | undefined {
  const question = questionOf(session);
  if (session.attention.current.text !== undefined) return question;
  const isOwn = session.caughtUp().lineBeforeCursor().trim() !== "";
  return isOwn && !session.lastTyped.mayStandIn(session.ring) ? question : undefined;
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
