// Holds what a worker end can do that its first release could not, by the names that it says in its hello; and decides what
// asks for it. A member that is told of what it does not know leaves it out without a word: so it is not asked.
import { FleettyError } from "../errors.ts";

/** Of this version, whichever side dials. `prompts`: sessions that begin with a prompt, or with rules for their lines. */
export const FEATURES: readonly string[] = ["prompts"];

/** Why a request cannot be made of a peer with these features; null when it can. `peer`: as messages name it. */
export function lackOf(
  features: readonly string[],
  asked: { op: string; p: unknown; peer: string },
): FleettyError | null {
  const needed = featureOf(asked.op, asked.p);
  if (needed === null || features.includes(needed)) return null;
  const message = `${asked.peer} is of a release that knows no ${needed}; upgrade it, or leave that out`;
  return new FleettyError("unsupported", message, { capability: needed, may_have_run: false });
}

function featureOf(op: string, p: unknown): string | null {
  if (op !== "sessions.start") return null;
  const { prompt, rules } = p as { readonly prompt?: unknown; readonly rules?: unknown };
  return prompt === undefined && rules === undefined ? null : "prompts";
}
