// Holds the call context of what the hub asks for itself: reads that no caller's verb decides on, with a deadline.
import type { Call } from "@fleetty/protocol/link";

/** A read of the hub's own, for viewers that were admitted before. */
export function hubCall(): Call {
  return { actor: { principal: "hub", kind: "agent", face: "hub" }, via: [], deadlineMs: 10_000, reads: true };
}
