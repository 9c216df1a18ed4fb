// Has one call in the audit: a change before its answer goes out, typing soon afterwards, because no disk may stand between a
// keystroke and its echo; a read not at all.
import { type AnyOperation, verbOf } from "@fleetty/protocol/operations";
import { type AuditedCall, auditEntry } from "./audit-entry.ts";
import type { AuditLog } from "./audit-log.ts";

/** Typing waits for the disk after all when so many entries do, half of what is kept: the disk is slower than the typist. */
const UNWRITTEN_MAX = 5_000;

/** Resolves when the answer may go out. */
export async function recordCall(log: AuditLog, call: Omit<AuditedCall, "nowMs">): Promise<void> {
  if (!isAudited(call)) return;
  const entry = auditEntry({ ...call, nowMs: Date.now() });
  const waits = verbOf(call.operation, call.input) !== "input" || log.waiting > UNWRITTEN_MAX;
  if (waits) await log.record(entry);
  else log.note(entry);
}

/** Every change, whatever came of it, and every attempt at what the caller has no right to. */
function isAudited({ operation, outcome }: { operation: AnyOperation; outcome: string }): boolean {
  return operation.audit !== "none" || outcome === "forbidden";
}
