// Answers one `run` from its arrival on: waits for the shell, types the command once, then waits for its end or its question.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Session } from "../session/session.ts";
import type { TypingTerms } from "../session/typing.ts";

/** How long a shell may take to be at its prompt when nothing is said. */
const READY_WAIT_MS = 2_000;

interface Caller {
  readonly principal: string;
  /** Aborts when it has gone. */
  readonly signal: AbortSignal;
}

/** Rejects with what speaks against typing it, and with `command_not_found`. */
export async function runCommand(
  session: Session,
  input: OperationInput<"sessions.run">,
  { principal, signal }: Caller,
): Promise<OperationOutput<"sessions.run">> {
  const { command, resume, ready_wait_ms: readyWaitMs = READY_WAIT_MS } = input;
  if (command === undefined) {
    return session.waits.run(input, { id: resume as string, isDuplicate: false }, signal);
  }
  session.runs.requireShell();
  const terms: TypingTerms = { ...input, principal };
  if (!session.typing.knows(terms)) await session.waits.ready(readyWaitMs, signal);
  if (signal.aborted) throw new FleettyError("cancelled", "the caller has gone");
  const { command: id, duplicate = false } = await session.typing.run(command, terms);
  return session.waits.run(input, { id, isDuplicate: duplicate }, signal);
}
