// Carries the messages of one client over HTTP as MCP's streamable HTTP has it: answers go back on the request that asked,
// what nobody asked for goes on the one stream that the client holds open, and what it does not hold open is not told.
// Knows no message by its meaning.

import { invariant } from "@fleetty/protocol/invariant";
import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/server";
import type { CallContext } from "../calls.ts";
import type { McpExchange } from "./mcp-exchange.ts";
import type { McpStream } from "./mcp-stream.ts";

const MESSAGE = "this MCP session has ended while the call was under way; begin another, and look before you repeat it";
/** A client would wait in vain for what is only let go. */
const ENDED = {
  code: ProtocolErrorCode.InternalError,
  message: MESSAGE,
  data: { code: "server_unavailable", message: MESSAGE, details: { reason: "ended", may_have_run: "unknown" } },
};

/** Who asked, and where the answer goes. */
export interface Asker {
  readonly exchange: McpExchange;
  readonly context: CallContext;
}

export class McpTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  readonly sessionId: string;
  readonly #askers = new Map<RequestId, Asker>();
  #stream: McpStream | null = null;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  async start(): Promise<void> {}

  /** Requests that are under way. */
  get pending(): number {
    return this.#askers.size;
  }

  get hasStream(): boolean {
    return this.#stream !== null;
  }

  /** Of a request that is under way. */
  contextOf(id: RequestId): CallContext {
    const asker = this.#askers.get(id);
    invariant(asker !== undefined, `the request ${id} is under way`);
    return asker.context;
  }

  isPending(id: RequestId): boolean {
    return this.#askers.has(id);
  }

  /** Hands messages to the protocol, in order; `asker` hears the answers to those that are requests. */
  receive(messages: readonly JSONRPCMessage[], asker: Asker): void {
    for (const id of requestIds(messages)) this.#askers.set(id, asker);
    for (const message of messages) this.onmessage?.(message);
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!("method" in message)) return this.#answer(message);
    const related = options?.relatedRequestId;
    if (related === undefined) this.#stream?.tell(message);
    else this.#askers.get(related)?.exchange.tell(message);
  }

  /** The answer to it is a refusal. */
  refused(id: RequestId, code: string): void {
    this.#askers.get(id)?.exchange.refused(code);
  }

  /** No answer will come to it: it was taken back, or who asked has gone. */
  drop(id: RequestId): void {
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    asker?.exchange.without(id);
  }

  /** The client's own stream; one at a time, and the newest is the one that it reads. */
  listen(stream: McpStream): void {
    this.#stream?.end();
    this.#stream = stream;
    stream.whenClosed(() => {
      if (this.#stream === stream) this.#stream = null;
    });
  }

  async close(): Promise<void> {
    this.#stream?.end();
    for (const id of [...this.#askers.keys()]) this.#answer({ jsonrpc: "2.0", id, error: ENDED });
    this.onclose?.();
  }

  #answer(message: JSONRPCMessage): void {
    const { id } = message as { id?: RequestId };
    if (id === undefined) return;
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    asker?.exchange.answer(id, message);
  }
}

/** Of those messages that want an answer. */
export function requestIds(messages: readonly JSONRPCMessage[]): RequestId[] {
  return messages.flatMap((message) => ("method" in message && "id" in message ? [message.id] : []));
}
