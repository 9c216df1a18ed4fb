// Decides what the audit keeps of a call: who asked what of which session, how it came out, and those members of the input
// that the operation's rule names. Pure. What is typed, the environment and tokens are never among them.
import { createHash } from "node:crypto";
import type { AnyOperation } from "@fleetty/protocol/operations";
import type { Caller } from "../calls.ts";
import type { AuditEntry } from "../store/hub-store.ts";

export interface AuditedCall {
  readonly operation: AnyOperation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly context: { readonly caller: Pick<Caller, "actor">; readonly requestId: string | null };
  /** `ok`, or the code of the refusal. */
  readonly outcome: string;
  /** What was answered; undefined for a refusal. */
  readonly answer?: unknown;
  readonly nowMs: number;
}

/** A command may have a mebibyte; what is longer than this is told by its length and hash, so that it can be compared. */
const DETAIL_MAX_BYTES = 16 * 1024;

export function auditEntry({ operation, input, context, outcome, answer, nowMs }: AuditedCall): AuditEntry {
  const { principal, kind, face, address = null } = context.caller.actor;
  return {
    at: new Date(nowMs).toISOString(),
    request_id: context.requestId,
    principal,
    kind,
    face,
    address,
    operation: operation.name,
    ...sessionOf(input, answer),
    outcome,
    detail: detailOf(operation, input),
  };
}

/** A new session is told by its answer, another as it was asked for: by name or by id. */
function sessionOf(input: AuditedCall["input"], answer: unknown): Pick<AuditEntry, "session" | "session_id"> {
  const { id, name } = (answer ?? {}) as { id?: unknown; name?: unknown };
  if (typeof id === "string" && id.startsWith("ses_")) return { session: String(name), session_id: id };
  const asked = input["session"];
  if (typeof asked !== "string") return { session: null, session_id: null };
  return { session: asked, session_id: asked.startsWith("ses_") ? asked : null };
}

function detailOf({ audit }: AnyOperation, input: AuditedCall["input"]): string {
  const members = audit === "none" ? [] : audit.members.filter((member) => input[member] !== undefined);
  const text = JSON.stringify(Object.fromEntries(members.map((member) => [member, input[member]])));
  const bytes = Buffer.byteLength(text);
  if (bytes <= DETAIL_MAX_BYTES) return text;
  return JSON.stringify({ bytes, sha256: createHash("sha256").update(text).digest("hex") });
}
