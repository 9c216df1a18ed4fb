// Takes what an MCP client posted apart and hands it to the client's session; begins one for who greets. Decides which bodies
// are messages at all. Knows no message but the greeting.
import type { ServerResponse } from "node:http";
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationName } from "@fleetty/protocol/operations";
import { isInitializeRequest, type JSONRPCMessage, parseJSONRPCMessage } from "@modelcontextprotocol/server";
import type { CallContext } from "../calls.ts";
import type { Headers } from "../faces/answer.ts";
import { McpExchange } from "./mcp-exchange.ts";
import { REVISIONS } from "./mcp-server.ts";
import type { McpSession } from "./mcp-session.ts";
import { McpSessions, type McpSessionsParts } from "./mcp-sessions.ts";
import { McpStream } from "./mcp-stream.ts";
import { requestIds } from "./mcp-transport.ts";

/** Messages in one body, which revision 2025-03-26 allows. */
const BATCH_MAX = 64;
/** Of one client that are under way (public limits): each holds what it asked for. */
const REQUESTS_MAX = 1_000;
/** Clients count, or take a UUID; an id is kept until its request is answered. */
const ID_MAX_CHARACTERS = 1_024;

type Header = string | string[] | undefined;

/** One POST. */
export interface Posted {
  /** `Mcp-Session-Id`. */
  readonly session: Header;
  /** `MCP-Protocol-Version`. */
  readonly revision: Header;
  /** Before the names of tools, for who begins a session. */
  readonly prefix: string;
  readonly context: CallContext;
  readonly response: ServerResponse;
  readonly headers: Headers;
  /** Hears the codes of what is refused within the answer. */
  readonly refused: (code: string) => void;
}

/** What became of it. */
export interface Received {
  /** Whether it will be answered; else it was taken and that is all. */
  readonly isAnswered: boolean;
  /** As which it is counted, where it calls a tool. */
  readonly operation: OperationName | null;
}

export class McpService {
  readonly #sessions: McpSessions;

  constructor(parts: McpSessionsParts) {
    this.#sessions = new McpSessions(parts);
  }

  /** Throws `invalid_request`, `not_found`, `resource_limit_reached`. */
  async receive(body: unknown, posted: Posted): Promise<Received> {
    const messages = messagesOf(body);
    const isGreeting = messages.some(greets);
    if (isGreeting && (messages.length > 1 || posted.session !== undefined)) {
      throw invalid("initialize comes alone, and begins a session: leave Mcp-Session-Id out");
    }
    requireRevision(posted.revision);
    const { context, response } = posted;
    const session = isGreeting ? await this.#sessions.open(posted.prefix, context) : this.find(posted.session, context);
    const ids = requestIds(messages);
    const again = ids.find((id, at) => session.isPending(id) || ids.indexOf(id) !== at);
    if (again !== undefined) throw invalid(`a request with the id ${JSON.stringify(again)} is under way; take another`);
    if (session.pending + ids.length > REQUESTS_MAX) throw tooMany();
    const headers = { ...posted.headers, "mcp-session-id": session.id };
    const exchange = new McpExchange({ response, headers, ids, isBatch: Array.isArray(body), refused: posted.refused });
    response.once("close", () => {
      if (!response.writableFinished) session.left(ids);
    });
    session.receive(messages, exchange, context);
    // It may have gone before anybody listened for that.
    if (response.closed) session.left(ids);
    return { isAnswered: ids.length > 0, operation: session.operationOf(messages) };
  }

  /** Throws `invalid_request` without an id, and `not_found`. */
  find(id: Header, context: CallContext): McpSession {
    if (typeof id !== "string") throw invalid("Mcp-Session-Id is missing; initialize answers with it");
    return this.#sessions.find(id, context);
  }

  async listen(
    session: McpSession,
    { response, headers, context }: Pick<Posted, "response" | "headers" | "context">,
  ): Promise<void> {
    await session.listen(new McpStream(response, headers), context);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }
}

function messagesOf(body: unknown): JSONRPCMessage[] {
  const all = Array.isArray(body) ? body : [body];
  if (all.length === 0 || all.length > BATCH_MAX) throw invalid(`send one message, or 1 to ${BATCH_MAX} in a list`);
  const messages = parsed(all);
  if (requestIds(messages).some((id) => String(id).length > ID_MAX_CHARACTERS))
    throw invalid(`an id is ${ID_MAX_CHARACTERS} characters long at most`);
  return messages;
}

function parsed(all: readonly unknown[]): JSONRPCMessage[] {
  try {
    return all.map(parseJSONRPCMessage);
  } catch {
    throw invalid("the body is no JSON-RPC 2.0 message; send one");
  }
}

/** Asks by its schema only of what is named so: to find that another message is none takes longer than to carry it out. */
function greets(message: JSONRPCMessage): boolean {
  return "method" in message && message.method === "initialize" && isInitializeRequest(message);
}

function requireRevision(revision: Header): void {
  if (revision === undefined || (typeof revision === "string" && REVISIONS.includes(revision))) return;
  throw invalid(`MCP-Protocol-Version is none that is spoken here; there are ${REVISIONS.join(", ")}`);
}

function invalid(message: string): FleettyError {
  return new FleettyError("invalid_request", message);
}

function tooMany(): FleettyError {
  const message = `${REQUESTS_MAX} requests of this MCP client are under way; cancel one, or let one end`;
  return new FleettyError("resource_limit_reached", message, { limit: "requests", max: REQUESTS_MAX });
}
