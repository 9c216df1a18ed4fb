// Holds what the audit keeps of a call to the rule of its row: nothing typed, no environment, and never more than fits.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { operations } from "@fleetty/protocol/operations";
import type { Caller } from "../calls.ts";
import { auditEntry } from "./audit-entry.ts";

const actor = { principal: "ci", kind: "agent", face: "http", address: "10.0.1.5" } as const;
const context = { caller: { actor } as unknown as Caller, requestId: "req_7" };
const about = { context, outcome: "ok", nowMs: 0 };

describe("an audit entry", () => {
  it("says who asked what, when, from where, and how it came out", () => {
    const call = { ...about, operation: operations["sessions.kill"], input: { session: "build", grace_ms: 10 } };
    assert.deepEqual(auditEntry({ ...call, outcome: "still_running" }), {
      at: "1970-01-01T00:00:00.000Z",
      request_id: "req_7",
      principal: "ci",
      kind: "agent",
      face: "http",
      address: "10.0.1.5",
      operation: "sessions.kill",
      session: "build",
      session_id: null,
      outcome: "still_running",
      detail: '{"grace_ms":10}',
    });
  });

  it("names a new session by its answer, and has nothing of its environment", () => {
    const input = { argv: ["make"], env: { TOKEN: "very secret" } };
    const answer = { id: "ses_01", name: "7", command: "make" };
    const entry = auditEntry({ ...about, operation: operations["sessions.create"], input, answer });
    assert.deepEqual([entry.session, entry.session_id, entry.detail], ["7", "ses_01", '{"argv":["make"]}']);
  });

  it("knows an id when it was asked by one", () => {
    const call = { ...about, operation: operations["sessions.resize"], input: { session: "ses_01", rows: 1, cols: 2 } };
    const { session, session_id, detail } = auditEntry(call);
    assert.deepEqual([session, session_id, detail], ["ses_01", "ses_01", '{"rows":1,"cols":2}']);
  });

  it("has nothing of what was typed, nor how much", () => {
    const input = { session: "build", data: Buffer.from("hunter2").toString("base64") };
    assert.equal(auditEntry({ ...about, operation: operations["sessions.input"], input }).detail, "{}");
  });

  it("tells what is too long by its length and hash", () => {
    const call = { ...about, operation: operations["sessions.create"], input: { command: "x".repeat(20_000) } };
    const { bytes, sha256 } = JSON.parse(auditEntry(call).detail);
    assert.equal(bytes, 20_014);
    assert.match(sha256, /^[0-9a-f]{64}$/);
  });
});
