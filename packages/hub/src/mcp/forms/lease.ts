// Form of the tool by which a session is held for one writer: get it, keep it, give it back.
import { onSession } from "@fleetty/protocol/schemas/common";
import { lease } from "@fleetty/protocol/schemas/leases";
import * as z from "zod";
import { invalidParams } from "../arguments.ts";
import { type Asked, form } from "../tool.ts";

const { ttl_ms, kind, take_over, wait_ms } = lease.input.shape;
const input = z.object({
  ...onSession,
  action: z.enum(["acquire", "renew", "release"]),
  lease: lease.input.shape.lease.describe("id of your lease: with renew and release"),
  ttl_ms,
  kind,
  take_over,
  wait_ms,
});

export function leaseForms() {
  return {
    lease: form({
      says: "Get the right to write to a session for yourself alone, renew it, or give it back.",
      input,
      output: z.union([lease.output, z.looseObject({ status: z.literal("released") })]),
      answer: hold,
    }),
  };
}

async function hold({ action, ...rest }: z.output<typeof input>, asked: Asked): Promise<unknown> {
  const { lease: id, session, server } = rest;
  if (action === "acquire") {
    if (id !== undefined) throw invalidParams("lease: acquire takes no lease; renew keeps the one you have");
    return asked.call("sessions.lease", rest);
  }
  if (id === undefined) throw invalidParams(`lease: ${action} needs the id of your lease`);
  if (action === "renew") return asked.call("sessions.lease", rest);
  await asked.call("sessions.lease_release", { session, server, lease: id });
  return { status: "released" };
}
