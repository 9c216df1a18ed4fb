// Decides what a failed change says of itself: whether it may have happened all the same. Knows codes, not operations.
import { type ErrorCode, FleettyError, type MayHaveRun } from "@fleetty/protocol/errors";
import { type AnyOperation, isRead } from "@fleetty/protocol/operations";

/** Refused before anything was done, or undone before the answer. */
const NOTHING_DONE: ReadonlySet<ErrorCode> = new Set([
  "session_create_failed",
  "max_sessions_reached",
  "channel_full",
  "not_ready",
]);

/** The same error; that of a change that failed on our side has `details.may_have_run`, unless it says so already. */
export function withMayHaveRun(row: Pick<AnyOperation, "audit" | "http">, error: FleettyError): FleettyError {
  const { code, status, message, details, cause } = error;
  const isOurs = status >= 500 && code !== "unsupported";
  if (isRead(row) || !isOurs || details?.["may_have_run"] !== undefined) return error;
  return new FleettyError(code, message, { ...details, may_have_run: mayHaveRun(error) }, { cause });
}

function mayHaveRun({ code, details }: FleettyError): MayHaveRun {
  if (NOTHING_DONE.has(code)) return false;
  if (code === "input_send_failed") return details?.["written"] !== 0;
  return code === "still_running" ? true : "unknown";
}
