// Decides whether a secret may go the way that a call takes: from its caller to this server, and on to the member that it is
// for. What others can read on the way it does not enter. Knows the members of inputs that are secrets from the table.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation } from "@fleetty/protocol/operations";

export interface WayAsked {
  readonly operation: AnyOperation;
  readonly input: unknown;
  /** Whether nobody on the way can read it. */
  readonly isPrivate: boolean;
  /** Where the way leads; absent: here. */
  readonly server?: string;
}

/** Throws `forbidden {reason: "plaintext"}` for an input with a secret in it. */
export function requirePrivate({ operation: { secretMember }, input, isPrivate, server }: WayAsked): void {
  if (isPrivate || secretMember === undefined) return;
  if ((input as Readonly<Record<string, unknown>>)[secretMember] === undefined) return;
  const [way, mend] =
    server === undefined
      ? ["this connection", "reach this server by https://, or from its own machine"]
      : [`the link to ${server}`, "register it by its https:// address, or ask it itself"];
  const message = `a secret is not sent where it can be read on the way, as on ${way}; ${mend}, or name a secret that is kept there`;
  throw new FleettyError("forbidden", message, { reason: "plaintext", ...(server !== undefined && { server }) });
}
