// Answers what one client asks of tools: reads the request, has the tool called, says meanwhile that it goes on, and ends what is
// taken back. The SDK's protocol does so for every other method; around a tool, which agents call all day, it would take longer
// than most tools do. Knows no tool.
import type { WireError } from "@fleetty/protocol/errors";
import type { JSONRPCMessage, JSONRPCRequest, ProtocolError, RequestId, Transport } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { CallContext } from "../calls.ts";
import { rpcError, wrongParams } from "./rpc-error.ts";
import type { ToolCalls } from "./tool-calls.ts";

/** How often a client hears that a long call goes on, if it wants to. */
const PROGRESS_EVERY_MS = 2_000;
const METHOD = "tools/call";

/** Of the MCP specification, as far as it is read. */
const callParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  _meta: z.looseObject({ progressToken: z.union([z.string(), z.int()]).optional() }).optional(),
});

export interface ToolRequestsParts {
  readonly calls: ToolCalls;
  /** Of the protocol, as client and server have agreed. */
  readonly revision: () => string;
  /** Of the request with this id, which is under way. */
  readonly contextOf: (id: RequestId) => CallContext;
  readonly send: Transport["send"];
  /** Hears of each refusal, whose request is under way, before it is sent. */
  readonly refused: (id: RequestId, code: string) => void;
}

export class ToolRequests {
  readonly #parts: ToolRequestsParts;
  readonly #underWay = new Map<RequestId, AbortController>();

  constructor(parts: ToolRequestsParts) {
    this.#parts = parts;
  }

  /** Whether it was one, which is answered later; else it is for others, also where it takes one back. */
  take(message: JSONRPCMessage): boolean {
    if (!("method" in message)) return false;
    if (message.method === "notifications/cancelled") this.#cancel(message.params?.["requestId"]);
    if (message.method !== METHOD || !("id" in message)) return false;
    void this.#answer(message);
    return true;
  }

  /** Ends all that is waited for; nobody hears of it. */
  close(): void {
    for (const ended of this.#underWay.values()) ended.abort();
  }

  #cancel(id: unknown): void {
    this.#underWay.get(id as RequestId)?.abort();
  }

  async #answer(request: JSONRPCRequest): Promise<void> {
    const { id } = request;
    const ended = new AbortController();
    this.#underWay.set(id, ended);
    // That its client has gone may be noticed within this turn: then nothing is begun.
    await Promise.resolve();
    const answer = ended.signal.aborted ? null : await this.#answerOf(request, ended.signal);
    // Once it is taken back, its id may be that of another.
    if (this.#underWay.get(id) === ended) this.#underWay.delete(id);
    if (answer && !ended.signal.aborted) await this.#parts.send(answer);
  }

  #answerOf(request: JSONRPCRequest, signal: AbortSignal): Promise<JSONRPCMessage> {
    const { id } = request;
    return this.#call(request, signal).then(
      (result) => ({ jsonrpc: "2.0", id, result }),
      (error: ProtocolError) => ({ jsonrpc: "2.0", id, error: wireError(error) }),
    );
  }

  /** Throws ProtocolError. */
  async #call({ id, params }: JSONRPCRequest, signal: AbortSignal) {
    const { calls, revision, contextOf } = this.#parts;
    const context = contextOf(id);
    const refused = (code: string) => {
      if (!signal.aborted) this.#parts.refused(id, code);
    };
    let stop = () => {};
    try {
      const { name, arguments: args = {}, _meta: meta } = readParams(params);
      stop = this.#tellProgress(id, meta?.progressToken);
      return await calls.call({ name, args, context, revision: revision(), signal, refused });
    } catch (thrown) {
      const error = rpcError(thrown, context.requestId);
      refused((error.data as WireError).code);
      throw error;
    } finally {
      stop();
    }
  }

  /** A client that gave a token hears that its call goes on, until what is answered here is called. */
  #tellProgress(id: RequestId, token: string | number | undefined): () => void {
    if (token === undefined) return () => {};
    const startedAtMs = performance.now();
    const timer = setInterval(() => {
      const progress = Math.round((performance.now() - startedAtMs) / 1_000);
      const params = { progressToken: token, progress, message: `under way for ${progress} s` };
      const told = { jsonrpc: "2.0", method: "notifications/progress", params } as const;
      void this.#parts.send(told, { relatedRequestId: id });
    }, PROGRESS_EVERY_MS);
    return () => clearInterval(timer);
  }
}

/** Throws ProtocolError. */
function readParams(params: unknown): z.output<typeof callParams> {
  const read = callParams.safeParse(params);
  if (!read.success) throw wrongParams(METHOD);
  return read.data;
}

function wireError({ code, message, data }: ProtocolError) {
  return { code, message, ...(data !== undefined && { data }) };
}
