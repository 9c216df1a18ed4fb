// Holds input and output shapes of the operations on leases, and how a lease stands in other inputs.
import * as z from "zod";
import { count, leaseShown, nothing, onSession, position } from "./common.ts";

export const leaseId = z.string().min(1).max(64);
/** In whatever writes to a session. */
export const heldLease = leaseId.optional().describe("id of your lease: needed while somebody has one");

export const lease = {
  input: z.object({
    ...onSession,
    ttl_ms: z.int().min(1_000).max(600_000).optional().describe("held for so long unless it is renewed, default 30000"),
    lease: leaseId.optional().describe("id of your lease: renew this one"),
    kind: z.enum(["human", "agent"]).optional().describe("as whom it is held, default agent; an agent's only as agent"),
    take_over: z
      .boolean()
      .optional()
      .describe("take it from whoever has it: people from everybody, agents from agents"),
    wait_ms: z.int().min(0).max(60_000).optional().describe("how long to wait for it, first come first served"),
  }),
  output: z.looseObject({ id: leaseId, ...leaseShown.shape, ...position.shape, epoch: count() }),
};

export const leaseRelease = {
  input: z.object({ ...onSession, lease: leaseId.describe("id of your lease") }),
  output: nothing,
};
