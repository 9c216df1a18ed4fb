// One MCP session over HTTP, spoken by hand: any text is posted, also such as no client library would send, and what comes back
// is told apart into the answer and the notifications before it. Knows no tool.
import { type Answer, ask, type Where } from "./http.ts";
import { messagesOf } from "./mcp.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
export type Message = any;

export interface Posted {
  readonly answer: Answer;
  /** JSON-RPC messages, in the order in which they came. */
  readonly messages: readonly Message[];
}

/** The newest revision with sessions that are begun. */
const REVISION = "2025-11-25";
const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

export class McpPosts {
  readonly #where: Where;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(where: Where, headers: Readonly<Record<string, string>>) {
    this.#where = where;
    this.#headers = headers;
  }

  /** Begins a session, whose tools have that prefix. */
  static async begin(where: Where, prefix: string): Promise<McpPosts> {
    const path = `/mcp${prefix === "" ? "" : `?tool_prefix=${prefix}`}`;
    const params = { protocolVersion: REVISION, capabilities: {}, clientInfo: { name: "by hand", version: "0" } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: "begin", method: "initialize", params });
    const { headers, status } = await ask(where, { method: "POST", path, body, headers: HEADERS });
    const session = headers["mcp-session-id"];
    if (status !== 200 || typeof session !== "string") throw new Error(`no session was begun: ${status}`);
    const posts = new McpPosts(where, { ...HEADERS, "mcp-session-id": session, "mcp-protocol-version": REVISION });
    await posts.post(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
    return posts;
  }

  async post(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Posted> {
    const asked = { method: "POST", path: "/mcp", body, headers: { ...this.#headers, ...headers } };
    const answer = await ask(this.#where, asked);
    return { answer, messages: messagesOf(answer).filter((message) => message !== undefined) };
  }

  /** The result of a request that is not refused. */
  async result(method: string, params: object = {}): Promise<Message> {
    const { messages } = await this.post(JSON.stringify({ jsonrpc: "2.0", id: method, method, params }));
    const answer = messages.find(({ id }) => id === method);
    if (!answer?.result) throw new Error(`${method} was refused: ${JSON.stringify(answer)}`);
    return answer.result;
  }

  async end(): Promise<void> {
    await ask(this.#where, { method: "DELETE", path: "/mcp", headers: this.#headers });
  }
}
