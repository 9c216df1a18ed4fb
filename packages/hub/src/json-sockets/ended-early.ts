// Decides what a blocking request is answered that its caller cancels, or that another takes the place of: what is so at that
// moment, where its operation can say that, else that it was superseded. A command that has been typed is found again by the
// id that it was typed under, and one that has not is not typed any more. Pure.
import { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import type { Members } from "../faces/body.ts";

export interface EndedEarly {
  /** What is asked to know how things are; null: nothing is. */
  readonly ask: Members | null;
  /** Said where nothing is asked, or where there is nothing to know. */
  readonly error: FleettyError;
}

/** No session is ever there: whatever would still be typed is refused instead with `screen_changed`. */
const NEVER = { if_generation: -1, ready_wait_ms: 0 };

export function endedEarly(operation: string, input: Members): EndedEarly {
  return { ask: asked(operation, { ...input, max_wait_ms: 0 }), error: superseded() };
}

function asked(operation: string, input: Members): Members | null {
  if (operation === "sessions.wait" || operation === "fleet.wait") return input;
  if (operation !== "sessions.run") return null;
  return "resume" in input ? input : { ...input, ...NEVER };
}

/** A command is typed under an id, if not the caller's then ours, so that it can be found again. */
export function findableAgain(operation: string, input: Members): Members {
  if (operation !== "sessions.run" || "resume" in input || "input_id" in input) return input;
  return { ...input, input_id: makeId("req") };
}

function superseded(): FleettyError {
  return new FleettyError("idle_superseded", "this request was cancelled, or a later one has taken its place");
}
