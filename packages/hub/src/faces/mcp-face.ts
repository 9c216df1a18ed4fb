// The MCP face over HTTP (Model Context Protocol, streamable HTTP): admits a request, finds the client that it is of, and hands
// its messages over. What is refused here is refused in the envelope of every face. Loads what speaks MCP with the first
// request, since most servers are asked without it.
import type { IncomingMessage, ServerResponse } from "node:http";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";
import { isToolPrefix, TOOL_PREFIX_RULE } from "@fleetty/protocol/names";
import type { Logger } from "pino";
import type { Admission } from "../auth/admission.ts";
import type { CallContext, HubCalls } from "../calls.ts";
import { answerNothing, headersOf } from "./answer.ts";
import { type OnAnswered, RequestRecord } from "./answered.ts";
import { jsonOf, readBody } from "./body.ts";
import { answersPage } from "./cross-origin-answer.ts";
import { accepts } from "./event-form.ts";
import { factsOf, type HttpFace } from "./http.ts";
import { requestId as nextRequestId } from "./request-id.ts";
import { requestTarget } from "./request-target.ts";
import { MethodNotAllowed } from "./routes.ts";

export interface McpFaceOptions {
  readonly calls: HubCalls;
  readonly log: Logger;
  readonly version: string;
  readonly onAnswered: OnAnswered;
  /** Longest time of one call of a tool, in ms; the public contract's where it is absent. */
  readonly callMaxMs?: number;
}

/** Where a request came in. */
export interface McpListener {
  readonly admission: Admission;
  /** Before the names of tools where the client does not say. */
  readonly toolPrefix: string;
  readonly refuse: HttpFace["refuse"];
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly listener: McpListener;
  readonly record: RequestRecord;
  readonly requestId: string;
  readonly query: URLSearchParams;
  context: CallContext;
}

const METHODS = ["POST", "GET", "DELETE"];
const JSON_TYPE = "application/json";
const EVENTS_TYPE = "text/event-stream";

type Service = InstanceType<typeof import("../mcp/mcp-service.ts").McpService>;

export class McpFace {
  readonly #options: McpFaceOptions;
  #service: Promise<Service> | null = null;

  constructor(options: McpFaceOptions) {
    this.#options = options;
  }

  /** Answers one request. Never throws. */
  async handle(request: IncomingMessage, response: ServerResponse, listener: McpListener): Promise<void> {
    const requestId = nextRequestId();
    const record = new RequestRecord(request, { requestId, face: "mcp" }, this.#options.onAnswered);
    response.once("close", () => record.tell(response.headersSent ? response.statusCode : null));
    try {
      await this.#answer({ request, response, listener, record, requestId });
    } catch (thrown) {
      const error = toFleettyError(thrown);
      record.code = error.code;
      listener.refuse(response, error, { requestId });
    }
  }

  async close(): Promise<void> {
    await (await this.#service)?.close();
  }

  async #answer(parts: Omit<Exchange, "query" | "context">): Promise<void> {
    const { request, response, listener, record, requestId } = parts;
    const { admission } = listener;
    const target = requestTarget(request.url ?? "/");
    const facts = factsOf(request, target, "mcp");
    admission.checkSource(facts);
    if (answersPage({ request, response, admission, requestId, facts })) return;
    const caller = admission.callerOf(facts);
    record.principal = caller.actor.principal;
    const context = {
      caller,
      gone: new Gone(),
      requestId,
      attempt: admission.attempt(facts),
      reachedAt: () => admission.reachedAt(facts),
    };
    const exchange = { ...parts, query: new URLSearchParams(target.query), context };
    if (request.method === "POST") return this.#post(exchange);
    if (request.method === "GET") return this.#get(exchange);
    if (request.method === "DELETE") return this.#delete(exchange);
    throw new MethodNotAllowed(request.method ?? "", METHODS);
  }

  async #post({ request, response, listener, record, requestId, query, context }: Exchange): Promise<void> {
    requireAccepted(request, [JSON_TYPE, EVENTS_TYPE]);
    const body = jsonOf(await readBody(request), request.headers["content-type"]);
    const service = await this.#loaded();
    const prefix = query.get("tool_prefix") ?? listener.toolPrefix;
    if (!isToolPrefix(prefix)) {
      const message = `tool_prefix takes ${TOOL_PREFIX_RULE}`;
      throw new FleettyError("invalid_query", message, { field: "tool_prefix" });
    }
    const headers = headersOf(requestId, {});
    const { isAnswered, operation } = await service.receive(body, {
      session: request.headers["mcp-session-id"],
      revision: request.headers["mcp-protocol-version"],
      prefix,
      context,
      response,
      headers,
      refused: (code) => {
        record.code = code;
      },
    });
    record.operation = operation;
    if (isAnswered) return;
    response.writeHead(202, { ...headers, "content-length": 0 });
    response.end();
  }

  async #get({ request, response, requestId, context }: Exchange): Promise<void> {
    requireAccepted(request, [EVENTS_TYPE]);
    const service = await this.#loaded();
    const session = service.find(request.headers["mcp-session-id"], context);
    await service.listen(session, {
      response,
      headers: headersOf(requestId, { "mcp-session-id": session.id }),
      context,
    });
  }

  async #delete({ request, response, requestId, context }: Exchange): Promise<void> {
    const service = await this.#loaded();
    await service.find(request.headers["mcp-session-id"], context).close();
    answerNothing(response, headersOf(requestId, {}));
  }

  #loaded(): Promise<Service> {
    this.#service ??= import("../mcp/mcp-service.ts").then(({ McpService }) => new McpService(this.#options));
    return this.#service;
  }
}

/** Throws `not_acceptable`. */
function requireAccepted({ headers: { accept } }: IncomingMessage, types: readonly string[]): void {
  const missing = types.filter((type) => accept === undefined || !accepts(accept, type));
  if (missing.length === 0) return;
  throw new FleettyError("not_acceptable", `accept ${types.join(" and ")}: MCP answers in either`, { known: types });
}
