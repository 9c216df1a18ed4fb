// Holds every refusal to the one form: status and code of the catalogue, the envelope and nothing beside it, a request id of
// its own, and the headers that protect a browser.
import assert from "node:assert/strict";
import { catalogue, type ErrorCode } from "@fleetty/protocol/errors";
import type { Answer } from "./http.ts";

export interface Refused {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Passes with what was said when `answer` refuses with `code` in the one form; details default to none. */
export function assertRefused(answer: Answer, code: ErrorCode): Refused {
  const seen = `${answer.status} ${answer.body.toString("utf8").slice(0, 400)}`;
  assert.equal(answer.json?.error?.code, code, `expected ${code}, got ${seen}`);
  assert.equal(answer.status, catalogue[code].status, seen);
  assert.deepEqual(Object.keys(answer.json), ["error"], seen);
  const { code: _, message, details = {}, ...more } = answer.json.error;
  assert.deepEqual(more, {}, seen);
  assert.ok(typeof message === "string" && message.length > 10, seen);
  assert.ok(typeof details === "object" && details !== null && !Array.isArray(details), seen);
  assertAnswerHeaders(answer);
  return { code, message, details };
}

/** What every answer carries, refusals of the HTTP layer included. */
export function assertAnswerHeaders({ headers }: Answer): void {
  assert.match(String(headers["fleetty-request-id"]), /^req_[0-9a-z]{16}$/);
  assert.match(String(headers["content-type"]), /^application\/json/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.match(String(headers["content-security-policy"]), /frame-ancestors 'none'/);
  assert.match(String(headers["permissions-policy"]), /camera=\(\)/);
}
