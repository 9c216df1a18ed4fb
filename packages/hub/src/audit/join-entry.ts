// What the audit keeps of a server that joins: which code it had, and how that came out. It is no operation of anybody's: who
// has a code comes without a name. Pure.
import type { JoinAttempt } from "../fleet/reception.ts";
import type { AuditEntry } from "../store/hub-store.ts";

export function joinEntry({ code, server, outcome, address }: JoinAttempt, nowMs: number): AuditEntry {
  return {
    at: new Date(nowMs).toISOString(),
    request_id: null,
    principal: code,
    kind: "agent",
    face: "link",
    address,
    operation: "servers.join",
    session: null,
    session_id: null,
    outcome: outcome === "ok" ? "ok" : "auth_invalid",
    detail: JSON.stringify({ server, ...(outcome !== "ok" && { code: outcome }) }),
  };
}
