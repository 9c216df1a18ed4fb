// Reads the header Idempotency-Key of a request to an operation that takes one.
import type { IncomingHttpHeaders } from "node:http";
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation } from "@fleetty/protocol/operations";

/** Visible ASCII (public contract, idempotency). Several headers of that name come joined with a blank, which is none. */
const KEY = /^[\x21-\x7e]{1,128}$/;

/** Undefined without one. Throws `invalid_request`. */
export function idempotencyKey({ keyed }: AnyOperation, headers: IncomingHttpHeaders): string | undefined {
  const key = headers["idempotency-key"];
  if (!keyed || key === undefined) return undefined;
  if (typeof key === "string" && KEY.test(key)) return key;
  const message = "an Idempotency-Key is 1 to 128 visible ASCII characters, given once";
  throw new FleettyError("invalid_request", message, { field: "Idempotency-Key" });
}
