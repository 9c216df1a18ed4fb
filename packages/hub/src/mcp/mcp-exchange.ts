// Answers one POST of an MCP client: with JSON when all its answers are there soon, else as a stream of events, which also
// takes what is told meanwhile and shows that the server is still there. Knows no message by its meaning.
import type { ServerResponse } from "node:http";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";
import { answerJson, type Headers } from "../faces/answer.ts";
import { beginEvents, HEARTBEAT_MS } from "../faces/event-response.ts";
import { eventText, HEARTBEAT } from "./event-text.ts";

/** What is not answered by then is answered as a stream, so that the client knows that it was heard. */
const SOON_MS = 50;

export interface McpExchangeParts {
  readonly response: ServerResponse;
  readonly headers: Headers;
  /** Requests that want an answer. */
  readonly ids: readonly RequestId[];
  /** Whether they came together, and want to be answered so. */
  readonly isBatch: boolean;
  /** Hears the codes of what is refused within an answer. */
  readonly refused: (code: string) => void;
}

export class McpExchange {
  readonly #parts: McpExchangeParts;
  readonly #open: Set<RequestId>;
  readonly #answers: JSONRPCMessage[] = [];
  readonly #soon: NodeJS.Timeout;
  #heartbeat: NodeJS.Timeout | undefined;
  #isStream = false;

  constructor(parts: McpExchangeParts) {
    this.#parts = parts;
    this.#open = new Set(parts.ids);
    this.#soon = setTimeout(() => this.#stream(), SOON_MS);
    if (parts.ids.length === 0) clearTimeout(this.#soon);
    parts.response.once("close", () => this.#stop());
  }

  answer(id: RequestId, message: JSONRPCMessage): void {
    if (!this.#open.delete(id)) return;
    if (this.#isStream) this.#parts.response.write(eventText(message));
    else this.#answers.push(message);
    this.#endWhenDone();
  }

  /** One of its answers is a refusal, for who counts them. */
  refused(code: string): void {
    this.#parts.refused(code);
  }

  /** No answer will come to this one. */
  without(id: RequestId): void {
    if (this.#open.delete(id)) this.#endWhenDone();
  }

  /** News of what is under way; a reader who does not keep up misses some. */
  tell(message: JSONRPCMessage): void {
    this.#stream();
    const { response } = this.#parts;
    if (!response.writableEnded && !response.writableNeedDrain) response.write(eventText(message));
  }

  #endWhenDone(): void {
    if (this.#open.size > 0) return;
    const { response, headers, isBatch } = this.#parts;
    this.#stop();
    if (response.writableEnded || response.destroyed) return;
    const [only] = this.#answers;
    if (!this.#isStream && only) return answerJson(response, 200, isBatch ? this.#answers : only, headers);
    this.#stream();
    response.end();
  }

  #stream(): void {
    const { response, headers } = this.#parts;
    if (this.#isStream || response.headersSent || response.destroyed) return;
    clearTimeout(this.#soon);
    this.#isStream = true;
    beginEvents(response, headers);
    for (const message of this.#answers.splice(0)) response.write(eventText(message));
    this.#heartbeat = setInterval(() => !response.writableNeedDrain && response.write(HEARTBEAT), HEARTBEAT_MS);
  }

  #stop(): void {
    clearTimeout(this.#soon);
    clearInterval(this.#heartbeat);
  }
}
