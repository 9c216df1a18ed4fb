// One MCP client: its protocol, its transport, and what it subscribed to. It belongs to who began it, and ends when they end
// it, with their credential, or when nothing was heard of it for long.
import { Gone } from "@fleetty/protocol/gone";
import type { OperationName } from "@fleetty/protocol/operations";
import type { JSONRPCMessage, RequestId, Server } from "@modelcontextprotocol/server";
import { whenOver } from "../auth/while-valid.ts";
import type { CallContext } from "../calls.ts";
import type { McpExchange } from "./mcp-exchange.ts";
import { type McpServerParts, makeMcpServer, REVISIONS } from "./mcp-server.ts";
import type { McpStream } from "./mcp-stream.ts";
import { McpTransport } from "./mcp-transport.ts";
import { ResourceNews } from "./resource-news.ts";
import { ToolCalls, type ToolCallsParts } from "./tool-calls.ts";
import { ToolRequests } from "./tool-requests.ts";

export interface McpSessionParts extends Omit<McpServerParts, "news" | "contextOf">, ToolCallsParts {
  readonly id: string;
  /** Whose it is. */
  readonly owner: string;
  /** Of the request that began it. */
  readonly context: CallContext;
  readonly onClosed: (session: McpSession) => void;
}

export class McpSession {
  readonly id: string;
  readonly owner: string;
  /** When it was last heard. */
  heardAtMs = performance.now();
  readonly #parts: McpSessionParts;
  readonly #transport: McpTransport;
  readonly #server: Server;
  readonly #toolRequests: ToolRequests;
  readonly #news: ResourceNews;
  /** Ends what is watched and followed for it. */
  readonly #gone = new Gone();
  #forget = () => {};
  #isClosed = false;

  /** It answers once it is begun. */
  constructor(parts: McpSessionParts) {
    this.id = parts.id;
    this.owner = parts.owner;
    this.#parts = parts;
    this.#transport = new McpTransport(parts.id);
    this.#news = new ResourceNews({
      calls: parts.calls,
      style: parts.style,
      updated: (uri) => void this.#server.sendResourceUpdated({ uri }).catch(() => {}),
      listChanged: () => void this.#server.sendResourceListChanged().catch(() => {}),
    });
    const contextOf = (id: RequestId) => this.#transport.contextOf(id);
    this.#server = makeMcpServer({ ...parts, news: this.#news, contextOf });
    this.#toolRequests = new ToolRequests({
      calls: new ToolCalls(parts),
      revision: () => this.#server.getNegotiatedProtocolVersion() ?? (REVISIONS[0] as string),
      contextOf,
      send: (message, options) => this.#transport.send(message, options),
      refused: (id, code) => this.#transport.refused(id, code),
    });
  }

  /** Closes at once when its credential is over by then. */
  async begin(): Promise<void> {
    await this.#server.connect(this.#transport);
    const { onmessage } = this.#transport;
    this.#transport.onmessage = (message) => {
      if (!this.#toolRequests.take(message)) onmessage?.(message);
    };
    this.#forget = whenOver(this.#parts.context.caller.credential, () => void this.close());
  }

  /** Requests that are under way. */
  get pending(): number {
    return this.#transport.pending;
  }

  /** Whether nobody would notice its end before they ask again. */
  get isQuiet(): boolean {
    return this.pending === 0 && !this.#transport.hasStream;
  }

  isPending(id: RequestId): boolean {
    return this.#transport.isPending(id);
  }

  /** As which operation messages are counted: that of the first tool that they call. */
  operationOf(messages: readonly JSONRPCMessage[]): OperationName | null {
    const called = messages.find((message) => "method" in message && message.method === "tools/call");
    const { name } = (called as { params?: { name?: unknown } } | undefined)?.params ?? {};
    const { tools, prefix } = this.#parts;
    return typeof name === "string" ? (tools.get(name.slice(prefix.length))?.operation ?? null) : null;
  }

  receive(messages: readonly JSONRPCMessage[], exchange: McpExchange, context: CallContext): void {
    this.heardAtMs = performance.now();
    this.#transport.receive(messages, { exchange, context: { ...context, gone: this.#gone } });
    for (const message of messages) {
      const { method, params } = message as { method?: string; params?: { requestId?: RequestId } };
      if (method === "notifications/cancelled" && params?.requestId !== undefined)
        this.#transport.drop(params.requestId);
    }
  }

  /** Who asked has gone without its answers: nobody would get them, so what is waited for ends. */
  left(ids: readonly RequestId[]): void {
    for (const requestId of ids.filter((id) => this.#transport.isPending(id))) {
      const params = { requestId, reason: "the client has gone" };
      this.#transport.onmessage?.({ jsonrpc: "2.0", method: "notifications/cancelled", params });
      this.#transport.drop(requestId);
    }
  }

  /** Tells it from now on what it did not ask for. Resolves when it tells of lists no more. */
  async listen(stream: McpStream, context: CallContext): Promise<void> {
    this.heardAtMs = performance.now();
    this.#transport.listen(stream);
    stream.whenClosed(() => {
      this.heardAtMs = performance.now();
    });
    await this.#news.follow({ ...context, gone: this.#gone });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#gone.went();
    this.#news.close();
    this.#toolRequests.close();
    this.#parts.onClosed(this);
    await this.#server.close();
  }
}
