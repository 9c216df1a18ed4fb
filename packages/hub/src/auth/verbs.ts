// Decides whether a caller has the right that an operation needs, and has it still.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Verb } from "@fleetty/protocol/operations";
import type { Caller } from "../calls.ts";
import { requireValid } from "./while-valid.ts";

type Asking = { readonly caller: Pick<Caller, "transport" | "verbs" | "credential"> };

/** A right ends with its credential. */
export function hasVerb(verb: Verb, { caller }: Asking): boolean {
  if (verb === "public" || verb === "any") return true;
  if (!caller.credential.isValid(Date.now())) return false;
  if (verb === "unix") return caller.transport === "unix";
  return caller.verbs.has("admin") || caller.verbs.has(verb);
}

/**
 * Throws `auth_invalid` when its credential has ended since it was let in, and `forbidden` naming the verb, and the server where
 * it is one that a hub has asked for its callers.
 */
export function requireVerb(verb: Verb, asking: Asking, server?: string): void {
  requireValid(asking.caller.credential);
  if (hasVerb(verb, asking)) return;
  const message =
    verb === "unix"
      ? "this is answered on the unix socket only; run it on the server's own machine"
      : server === undefined
        ? `this needs the verb ${verb}, which your token does not carry`
        : `this needs the verb ${verb}, which the token that the hub has for ${server} does not carry`;
  throw new FleettyError("forbidden", message, { verb, ...(server !== undefined && { server }) });
}
