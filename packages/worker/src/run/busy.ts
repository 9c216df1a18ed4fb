// Says why a command was not typed: what has the shell instead, and what to do about it.
import { FleettyError } from "@fleetty/protocol/errors";
import { isAsking } from "../attention/verdict.ts";
import { foregroundOf } from "../session/explanation.ts";
import { questionOf } from "../session/prompt.ts";
import type { Session } from "../session/session.ts";

/** `command`: that has the shell, and can be gone on with; null: none that is known. */
export function occupied(session: Session, command: string | null): FleettyError {
  const foreground = foregroundOf(session.attention.look());
  const { attention } = session.attention.current;
  const question = isAsking(attention) ? questionOf(session) : null;
  const message = question ? ASKS : command === null ? BUSY : `${BUSY}, or go on with it by resume`;
  const known = { ...(question && { question }), ...(command !== null && { command }) };
  return new FleettyError("session_busy", message, { attention, foreground, ...known });
}

const BUSY = "another command has the shell; wait until it is ready";
const ASKS = "the program in the shell waits for an answer: give it with input, keys or secret, or end it with signal";

/** Something stands at the prompt that nobody has entered. */
export function halfTyped({ attention }: Session): FleettyError {
  const message = "something has been typed at the prompt and not entered; look at the screen, then press Enter or C-c";
  return new FleettyError("session_busy", message, { attention: attention.current.attention, foreground: null });
}
