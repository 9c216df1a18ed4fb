// The refusal of what a worker does not let its hubs ask: as the worker says it, and again as its hub does, which may know the
// worker by another name.
import { FleettyError } from "./errors.ts";

const REASON = "grants";

/** `server`: what the worker is called where this is read. */
export function notGranted(server: string, operation: string): FleettyError {
  const message = `server ${server} does not let its hubs ask ${operation}; [grants] in its config.toml and its worker's --grant say what they may`;
  return new FleettyError("forbidden", message, { server, operation, reason: REASON });
}

/** The operation that was not granted; null for every other refusal. */
export function operationNotGranted(thrown: unknown): string | null {
  if (!(thrown instanceof FleettyError) || thrown.code !== "forbidden" || thrown.details?.["reason"] !== REASON)
    return null;
  return String(thrown.details["operation"]);
}
