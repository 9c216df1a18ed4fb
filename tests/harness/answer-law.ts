// Says what holds of every answer over HTTP, whatever was asked: its status and code are of its row, refusals come in the one
// envelope, successes are what the row's own schema says, and nothing breaks inside. Made from the table; knows no operation.
import assert from "node:assert/strict";
import { catalogue, isErrorCode } from "@fleetty/protocol/errors";
import { openapiDocument } from "@fleetty/protocol/openapi";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import type { Answer } from "./http.ts";
import { StrictOutputs } from "./strict-outputs.ts";

/** What an answer is judged by. */
export interface Asked {
  /** Null where there is no such operation. */
  readonly row: AnyOperation | null;
  readonly isHead: boolean;
}

/** Refusals of the HTTP layer, before there is an operation. */
const BEFORE_ANY_OPERATION = ["not_found", "method_not_allowed", "headers_too_large", "upgrade_required"];
/** Of what names no operation these too. */
const OF_NONE = [
  "invalid_request",
  "auth_required",
  "auth_invalid",
  "host_not_allowed",
  "origin_not_allowed",
  "rate_limited",
];
/**
 * Refusals above 499 that a caller can bring about alone: a program that cannot be executed, more sessions than there may
 * be, and typing into a program that does not read. So can `server_unavailable`, by adding a server that nobody can dial.
 */
const CALLERS_OWN = ["session_create_failed", "max_sessions_reached", "input_send_failed"];

interface Described {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

export class AnswerLaw {
  /** Codes that OpenAPI tells of each operation. */
  readonly #declared: ReadonlyMap<string, readonly string[]>;
  readonly #outputs: StrictOutputs;

  private constructor(declared: ReadonlyMap<string, readonly string[]>, outputs: StrictOutputs) {
    this.#declared = declared;
    this.#outputs = outputs;
  }

  static async load(): Promise<AnswerLaw> {
    const { paths } = (await openapiDocument("0")) as { paths: Record<string, Record<string, Described>> };
    const described = Object.values(paths).flatMap((path) => Object.values(path));
    const declared = described.map(({ operationId, responses }) => {
      const codes = Object.values(responses).flatMap(({ description }) => description.split(", "));
      return [operationId, [...BEFORE_ANY_OPERATION, ...codes]] as const;
    });
    return new AnswerLaw(new Map(declared), await StrictOutputs.of(Object.values(operations)));
  }

  /** Throws an AssertionError for an answer that must not be. Returns `ok`, or the code of the refusal. */
  check({ row, isHead }: Asked, answer: Answer): string {
    const { status, headers } = answer;
    assert.match(String(headers["fleetty-request-id"]), /^\S+$/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    if (row && status === row.status) {
      if (!isHead) this.#checkSuccess(row, answer);
      return "ok";
    }
    const codes = row ? (this.#declared.get(row.name) ?? []) : [...BEFORE_ANY_OPERATION, ...OF_NONE];
    assert.ok(
      codes.some((code) => isErrorCode(code) && catalogue[code].status === status),
      `${status} is not declared`,
    );
    return isHead ? "unseen" : checkRefusal(answer, codes);
  }

  #checkSuccess(row: AnyOperation, { status, headers, body, json }: Answer): void {
    if (status === 101) return;
    if (status === 204) return assert.equal(body.byteLength, 0);
    const type = headers["content-type"];
    if (row.octets?.answer && type === "application/octet-stream") return;
    assert.equal(type, row.text?.mediaType ?? "application/json");
    const problem = this.#outputs.problem(row.name, row.text ? body.toString() : json);
    assert.equal(problem, null, `not of its schema: ${problem}`);
  }
}

function checkRefusal({ status, headers, json }: Answer, codes: readonly string[]): string {
  assert.equal(headers["content-type"], "application/json");
  assert.deepEqual(Object.keys(json), ["error"]);
  const { code, message, details = {}, ...more } = json.error;
  assert.ok(isErrorCode(code) && catalogue[code].status === status, `${code} with status ${status}`);
  assert.ok(codes.includes(code), `${code} is not declared`);
  assert.ok(typeof message === "string" && message !== "" && typeof details === "object", "the envelope is another");
  assert.deepEqual(more, {});
  const isOfMember = code === "server_unavailable" && "health" in details;
  assert.ok(status < 500 || isOfMember || CALLERS_OWN.includes(code), "broken inside");
  return code;
}
