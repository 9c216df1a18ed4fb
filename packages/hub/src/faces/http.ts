// The HTTP face: decodes a request by its row of the table, makes one call, encodes the answer. A loop over the table makes
// it; there is nothing in it about any one operation.
//
//   source ─► route ─► credential ─► body ─► input ─► call ─► answer            each step may refuse, in this order
import type { IncomingMessage, ServerResponse } from "node:http";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";
import { PreparedJson } from "@fleetty/protocol/link";
import type { Logger } from "pino";
import type { Admission, RequestFacts } from "../auth/admission.ts";
import type { Caller, HubCalls } from "../calls.ts";
import { answerJson, answerNothing, answerOctets, answerRefusal, headersOf, shown } from "./answer.ts";
import { parseJsonBody, readBody } from "./body.ts";
import { ignoredHeader } from "./ignored-header.ts";
import { requestId as nextRequestId } from "./request-id.ts";
import { type RequestInput, requestInput } from "./request-input.ts";
import type { Found, Route, Routes } from "./routes.ts";

export interface HttpFaceOptions {
  readonly calls: HubCalls;
  readonly routes: Routes;
  readonly log: Logger;
  /** Who answers, for the header `fleetty-server`. */
  readonly hostname: string;
}

export class HttpFace {
  readonly #options: HttpFaceOptions;
  readonly #together = new Together();

  constructor(options: HttpFaceOptions) {
    this.#options = options;
  }

  /** Answers one request that came in where `admission` decides. Never throws. */
  async handle(request: IncomingMessage, response: ServerResponse, admission: Admission): Promise<void> {
    const requestId = nextRequestId();
    const gone = new Gone();
    response.once("close", () => response.writableFinished || gone.went());
    try {
      await this.#answer({ request, response, admission, requestId, gone });
    } catch (thrown) {
      this.refuse(response, toFleettyError(thrown), requestId);
    }
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request, admission } = exchange;
    const facts = factsOf(request, "http");
    admission.checkSource(facts);
    const { path, query } = splitTarget(request.url ?? "/");
    const found = this.#find(request, path, () => admission.callerOf(facts));
    const caller = found.route.row.verb === "public" ? nobody : admission.callerOf(facts);
    if (found.route.row.kind === "stream") throw upgradeRequired();
    const input = await readInput(request, found, query);
    await this.#call(exchange, { found, input, caller });
  }

  async #call(exchange: Exchange, asked: { found: Found; input: RequestInput; caller: Caller }): Promise<void> {
    const { response, requestId, gone } = exchange;
    const { route } = asked.found;
    const { caller, input } = asked;
    const value = await this.#options.calls.call(route.row.name, input.value, { caller, gone, requestId });
    await this.#together.turn();
    if (gone.isGone) return;
    const headers = headersOf(requestId, this.#headersFor(route, input.ignored));
    if (route.row.status === 204) return answerNothing(response, headers);
    const answer = route.row.octets?.answer;
    if (answer && input.value["format"] === "raw") return answerRaw(response, answer, value, headers);
    answerJson(response, route.row.status, value, headers);
  }

  #headersFor({ row }: Route, ignored: readonly string[]): Record<string, string> {
    return {
      ...((row.runs === "session" || row.runs === "server") && { "fleetty-server": this.#options.hostname }),
      ...(ignored.length > 0 && { "fleetty-ignored": ignoredHeader(ignored) }),
    };
  }

  /** Answers with a refusal; the log gets what a defect hides from the caller. */
  refuse(response: ServerResponse, error: FleettyError, requestId = nextRequestId()): void {
    if (error.code === "internal_error") {
      const facts = { request_id: requestId, err: error.cause ?? error };
      this.#options.log.error(facts, "a request failed inside the server");
    }
    answerRefusal(response, shown(error, requestId), headersOf(requestId, {}));
  }

  /** What is not found is for callers only: a stranger learns nothing about paths. */
  #find(request: IncomingMessage, path: string, requireCaller: () => Caller): Found {
    try {
      return this.#options.routes.find(request.method ?? "", path);
    } catch (refusal) {
      requireCaller();
      throw refusal;
    }
  }
}

/** After so many the reader is woken, and works on them while we make the next ones. */
const TOGETHER_MAX = 8;

/**
 * Has the answers of one turn of the event loop written one after the other at its end. Written singly, each one wakes its
 * reader, and waking a sleeping process costs more than all the rest of an answer.
 */
class Together {
  #waiting: (() => void)[] = [];

  turn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#end());
      if (this.#waiting.length === TOGETHER_MAX) this.#end();
    });
  }

  #end(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly admission: Admission;
  readonly requestId: string;
  readonly gone: Gone;
}

/** Who asks without a credential what anybody may ask. */
const nobody: Caller = {
  actor: { principal: "anonymous", kind: "agent", face: "http" },
  verbs: new Set(),
  transport: "tcp",
};

/** Throws `invalid_request` for a request to two hosts: which of them was judged would be in doubt (RFC 9112, 3.2). */
export function factsOf(request: IncomingMessage, face: string): RequestFacts {
  const { host, origin, authorization } = request.headers;
  const names = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (names.length > 1) throw new FleettyError("invalid_request", "the request names two hosts; name one");
  return { host, origin, authorization, remoteAddress: request.socket.remoteAddress, face };
}

export function splitTarget(target: string): { path: string; query: string } {
  const cut = target.indexOf("?");
  return cut < 0 ? { path: target, query: "" } : { path: target.slice(0, cut), query: target.slice(cut + 1) };
}

async function readInput(request: IncomingMessage, found: Found, query: string): Promise<RequestInput> {
  const { rest } = found.route.form;
  if (rest === "query") return requestInput(found, { query, json: {}, octets: null });
  const body = await readBody(request);
  if (rest === "octets") return requestInput(found, { query, json: {}, octets: body.toString("base64") });
  const json = parseJsonBody(body, request.headers["content-type"]);
  return requestInput(found, { query, json, octets: null });
}

/** Bytes as the body, the other members as headers. */
function answerRaw(
  response: ServerResponse,
  member: string,
  value: unknown,
  headers: Record<string, string | number>,
): void {
  const whole = value instanceof PreparedJson ? value.toJSON() : value;
  const { [member]: data, ...rest } = whole as Record<string, unknown>;
  const told = Object.entries(rest).map(([name, one]) => [
    `fleetty-${name}`,
    typeof one === "string" ? one : JSON.stringify(one),
  ]);
  answerOctets(response, 200, Buffer.from(String(data), "base64"), { ...headers, ...Object.fromEntries(told) });
}

function upgradeRequired(): FleettyError {
  return new FleettyError("upgrade_required", "this path is a WebSocket; ask for it with an upgrade");
}
