// The HTTP face: decodes a request by its row of the table, makes one call, encodes the answer. A loop over the table makes
// it; there is nothing in it about any one operation.
//
//   source ─► route ─► credential ─► body ─► input ─► call ─► answer            each step may refuse, in this order
import type { IncomingMessage, ServerResponse } from "node:http";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";
import type { InputIssue } from "@fleetty/protocol/input-issues";
import { plainAnswer } from "@fleetty/protocol/link";
import { type AnyOperation, statusOf } from "@fleetty/protocol/operations";
import type { Logger } from "pino";
import type { Admission, RequestFacts } from "../auth/admission.ts";
import { Credential } from "../auth/credential.ts";
import { EVERYTHING } from "../auth/scope.ts";
import { endedMeanwhile, whenOver } from "../auth/while-valid.ts";
import { type AnswerNotes, type CallContext, type Caller, type HubCalls, Replayed } from "../calls.ts";
import {
  answerJson,
  answerNothing,
  answerOctets,
  answerRefusal,
  answerText,
  type Headers,
  headersOf,
  shown,
} from "./answer.ts";
import { type OnAnswered, RequestRecord } from "./answered.ts";
import { parseJsonBody, readBody } from "./body.ts";
import { answersPage } from "./cross-origin-answer.ts";
import { eventForm } from "./event-form.ts";
import { ServedEvents } from "./event-stream.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import { ignoredHeader } from "./ignored-header.ts";
import { requestId as nextRequestId } from "./request-id.ts";
import { type RequestInput, requestInput } from "./request-input.ts";
import { type RequestTarget, requestTarget } from "./request-target.ts";
import type { Found, Routes } from "./routes.ts";

export interface HttpFaceOptions {
  readonly calls: HubCalls;
  readonly routes: Routes;
  readonly log: Logger;
  /** Who answers, for the header `fleetty-server`. */
  readonly hostname: string;
  readonly onAnswered: OnAnswered;
}

export class HttpFace {
  readonly #options: HttpFaceOptions;
  readonly #together = new Together();
  readonly #eventStreams = new Set<ServedEvents>();

  constructor(options: HttpFaceOptions) {
    this.#options = options;
  }

  /** Answers one request that came in where `admission` decides. Never throws. */
  async handle(request: IncomingMessage, response: ServerResponse, admission: Admission): Promise<void> {
    const requestId = nextRequestId();
    const gone = new Gone();
    const record = new RequestRecord(request, { requestId, face: "http" }, this.#options.onAnswered);
    const exchange: Exchange = { request, response, admission, requestId, gone, record, notes: {}, row: null };
    response.once("close", () => {
      if (!response.writableFinished) gone.went();
      record.tell(response.headersSent ? response.statusCode : null);
    });
    try {
      await this.#answer(exchange);
    } catch (thrown) {
      const error = toFleettyError(thrown);
      record.code = error.code;
      this.refuse(response, error, { requestId, about: this.#about(exchange) });
    }
  }

  /** The server stops: streams end, and whoever reads them comes back to the next one. */
  close(): void {
    for (const stream of this.#eventStreams) stream.end();
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request, admission } = exchange;
    const target = requestTarget(request.url ?? "/");
    const facts = factsOf(request, target, "http");
    admission.checkSource(facts);
    if (answersPage({ ...exchange, facts })) return;
    const { path, query } = target;
    const found = this.#find(request, path, () => admission.callerOf(facts));
    const { row } = found.route;
    exchange.record.operation = row.name;
    const caller = row.verb === "public" ? nobody : admission.callerOf(facts);
    if (caller !== nobody) exchange.record.principal = caller.actor.principal;
    exchange.row = row;
    if (row.kind === "stream") throw upgradeRequired();
    const isFollowed = row.kind === "events" && eventForm(request.headers.accept) === "stream";
    const key = idempotencyKey(row, request.headers);
    const input = await readInput(request, found, query).catch((thrown) => Promise.reject(asRowSays(row, thrown)));
    const context = {
      caller,
      gone: exchange.gone,
      requestId: exchange.requestId,
      key,
      attempt: admission.attempt(facts),
      reachedAt: () => admission.reachedAt(facts),
      notes: exchange.notes,
    };
    if (isFollowed) await this.#follow(exchange, input, context);
    else await this.#call(exchange, { found, input, context });
  }

  /** A browser that comes back says where it was in a header, and asks otherwise as it did at first. */
  async #follow(
    { request, response, requestId }: Exchange,
    { value }: RequestInput,
    context: CallContext,
  ): Promise<void> {
    const { log, calls } = this.#options;
    const { "last-event-id": last } = request.headers;
    const wish = typeof last === "string" && last !== "" ? { ...value, cursor: last } : value;
    const stream = await calls.follow(wish, context);
    const { credential } = context.caller;
    const served = new ServedEvents({ response, headers: headersOf(requestId, {}), stream, credential, log });
    this.#eventStreams.add(served);
    if (request.method === "HEAD" || context.gone.isGone) stream.close();
    await served.serve();
    this.#eventStreams.delete(served);
  }

  async #call(exchange: Exchange, asked: { found: Found; input: RequestInput; context: CallContext }): Promise<void> {
    const { response, requestId, gone } = exchange;
    const { route } = asked.found;
    const { context, input } = asked;
    const calling = this.#options.calls.call(route.row.name, input.value, context);
    const given = route.row.blocks ? await whileLetIn(context, calling) : await calling;
    const value = given instanceof Replayed ? given.answer : given;
    await this.#together.turn();
    if (gone.isGone) return;
    const { ignored } = input;
    const headers = headersOf(requestId, {
      ...this.#about(exchange),
      ...(given instanceof Replayed && { "idempotency-replayed": "true" }),
      ...(ignored.length > 0 && { "fleetty-ignored": ignoredHeader(ignored) }),
    });
    if (route.row.status === 204) return answerNothing(response, headers);
    if (route.row.text) return answerText(response, String(value), route.row.text.mediaType, headers);
    const answer = route.row.octets?.answer;
    if (answer && input.value["format"] === "raw") return answerRaw(response, answer, value, headers);
    answerJson(response, statusOf(route.row, input.value), value, headers);
  }

  /** Who answers, where it is about one session or server, and whose part is missing; strangers are not told. */
  #about({ row, notes: { server, partial = [], nextCursor } }: Exchange): Headers {
    if (!row || row.verb === "public") return {};
    const answering = server ?? (row.runs === "fleet" ? undefined : this.#options.hostname);
    return {
      ...(answering !== undefined && { "fleetty-server": answering }),
      ...(partial.length > 0 && { "fleetty-partial": partial.join(",") }),
      ...(nextCursor !== undefined && { "fleetty-next-cursor": nextCursor }),
    };
  }

  /** Answers with a refusal; the log gets what a defect hides from the caller. */
  refuse(response: ServerResponse, error: FleettyError, { requestId = nextRequestId(), about = {} }: Known = {}): void {
    if (error.code === "internal_error") {
      const facts = { request_id: requestId, err: error.cause ?? error };
      this.#options.log.error(facts, "a request failed inside the server");
    }
    answerRefusal(response, shown(error, requestId), headersOf(requestId, about));
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
  readonly record: RequestRecord;
  readonly notes: AnswerNotes;
  /** The operation that is asked for, once its caller may know. */
  row: AnyOperation | null;
}

/** What is known of a request when it is refused. */
interface Known {
  readonly requestId?: string;
  readonly about?: Headers;
}

/** Who asks without a credential what anybody may ask. */
const nobody: Caller = {
  actor: { principal: "anonymous", kind: "agent", face: "http" },
  verbs: new Set(),
  transport: "tcp",
  isPrivate: false,
  credential: new Credential({
    principal: "anonymous",
    kind: "agent",
    verbs: new Set(),
    expiresAtMs: null,
    scope: EVERYTHING,
  }),
};

/** A wait whose credential is taken back, or expires, ends with it. */
async function whileLetIn<T>({ caller: { credential }, gone }: CallContext, calling: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const forget = whenOver(credential, () => {
    ended.reject(endedMeanwhile());
    gone.went();
  });
  try {
    return await Promise.race([calling, ended.promise]);
  } finally {
    forget();
  }
}

/** Throws `invalid_request` for a request to two hosts: which of them was judged would be in doubt (RFC 9112, 3.2). */
export function factsOf(request: IncomingMessage, target: RequestTarget, face: string): RequestFacts {
  const { origin, authorization } = request.headers;
  const host = target.host ?? request.headers.host;
  const names = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (names.length > 1) throw new FleettyError("invalid_request", "the request names two hosts; name one");
  return {
    host,
    origin,
    authorization,
    ticket: undefined,
    remoteAddress: request.socket.remoteAddress,
    forwardedFor: textOf(request.headers["x-forwarded-for"]),
    forwardedProto: textOf(request.headers["x-forwarded-proto"]),
    face,
  };
}

/** Headers that came several times are one list, in their order (RFC 9110, 5.3). */
function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(",") : header;
}

async function readInput(request: IncomingMessage, found: Found, query: string): Promise<RequestInput> {
  const { rest } = found.route.form;
  if (rest === "query") return requestInput(found, { query, json: {}, octets: null });
  const body = await readBody(request);
  if (rest === "octets") return requestInput(found, { query, json: {}, octets: body.toString("base64") });
  const json = parseJsonBody(body, request.headers["content-type"]);
  return requestInput(found, { query, json, octets: null });
}

/** A body of the wrong shape is refused with the row's own word, where it has one. */
function asRowSays({ unusable }: AnyOperation, thrown: unknown): unknown {
  if (!(thrown instanceof FleettyError) || thrown.code !== "invalid_body" || !unusable) return thrown;
  const { code, member } = unusable;
  const [first] = (thrown.details?.["issues"] ?? []) as readonly InputIssue[];
  const isMeant = member === undefined || first?.path[0] === member;
  return isMeant ? new FleettyError(code, thrown.message, thrown.details) : thrown;
}

/** Bytes as the body, the other members as headers. */
function answerRaw(
  response: ServerResponse,
  member: string,
  value: unknown,
  headers: Record<string, string | number>,
): void {
  const whole = plainAnswer(value);
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
