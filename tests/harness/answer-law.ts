// Says what holds of every answer over HTTP, whatever was asked: its status and code are of its row, refusals come in the one
// envelope, successes are what the row's own schema says, and nothing breaks inside. Made from the table; knows no operation.
import assert from "node:assert/strict";
import { catalogue, type ErrorCode, isErrorCode } from "@fleetty/protocol/errors";
import { openapiDocument } from "@fleetty/protocol/openapi";
import { type AnyOperation, askedOperations } from "@fleetty/protocol/operations";
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
const CALLERS_OWN = ["session_create_failed", "max_sessions_reached", "input_send_failed", "input_send_timeout"];

/** Refusals of what is asked on a JSON WebSocket or over MCP in a form that is theirs. */
const OF_OTHER_FACES = [
  "invalid_request",
  "invalid_body",
  "unknown_method",
  "session_required",
  "idle_superseded",
  "input_send_timeout",
];

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
    return new AnswerLaw(new Map(declared), await StrictOutputs.of(Object.values(askedOperations)));
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

  /**
   * Throws for a refusal within another face's frame that none of these rows declares. Returns its code. Without rows any
   * code is lawful that a caller can bring about.
   */
  checkRefusal(rows: readonly AnyOperation[], error: unknown): string {
    const declared = rows.flatMap(({ name }) => this.#declared.get(name) ?? []);
    return checkError(error, declared.length === 0 ? Object.keys(catalogue) : [...declared, ...OF_OTHER_FACES]);
  }

  /** Throws for what a face tells that is no part of the operation's output. */
  checkPart(row: AnyOperation, told: unknown): void {
    const problem = this.#outputs.problem(row.name, told) && this.#outputs.problemOfPart(row.name, told);
    assert.equal(problem, null, `not of its schema: ${problem}`);
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
  const code = checkError(json.error, codes);
  assert.equal(catalogue[code].status, status, `${code} with status ${status}`);
  return code;
}

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
function checkError({ code, message, details = {}, ...more }: any, codes: readonly string[]): ErrorCode {
  assert.ok(isErrorCode(code), `${code} is not of the catalogue`);
  assert.ok(codes.includes(code), `${code} is not declared`);
  assert.ok(typeof message === "string" && message !== "" && typeof details === "object", "the envelope is another");
  assert.deepEqual(more, {});
  const isOfMember = code === "server_unavailable" && "health" in details;
  assert.ok(catalogue[code].status < 500 || isOfMember || CALLERS_OWN.includes(code), "broken inside");
  return code;
}
