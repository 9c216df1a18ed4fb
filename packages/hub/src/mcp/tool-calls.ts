// Carries out calls of tools: reads what the client gives, asks the hub as that client, and answers within the longest time
// of one call; what takes longer goes on and is asked for again. Knows no tool by name.
import { type FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";
import { plainAnswer } from "@fleetty/protocol/link";
import type { OperationInput, OperationName, OperationOutput } from "@fleetty/protocol/operations";
import { type CallToolResult, ProtocolError } from "@modelcontextprotocol/server";
import { whenOver } from "../auth/while-valid.ts";
import { type AnswerNotes, type CallContext, type HubCalls, Replayed } from "../calls.ts";
import { ownerOf } from "../waits/wait-parts.ts";
import { within } from "../within.ts";
import { invalidParams } from "./arguments.ts";
import { CALL_MAX_MS, PendingCall, type PendingCalls } from "./pending-calls.ts";
import { type Asked, type Members, ShownRefusal, type Style, type Tool } from "./tool.ts";
import { type RefusalParts, toolAnswer, toolRefusal } from "./tool-answer.ts";

/** What a call came to, and what was told beside it. */
export interface Came {
  readonly value: unknown;
  /** Which session was asked of, and where. */
  readonly args: Members;
  readonly server: string | null;
  readonly partial: readonly string[];
}

export interface ToolCallsParts {
  readonly calls: HubCalls;
  readonly pending: PendingCalls<Came>;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly prefix: string;
  readonly style: Style;
  /** Longest time of one call, in ms. */
  readonly callMaxMs?: number;
}

export interface ToolCall {
  /** With its prefix. */
  readonly name: string;
  readonly args: Members;
  readonly context: CallContext;
  readonly revision: string;
  /** Aborts when the client takes the call back, or has gone. */
  readonly signal: AbortSignal;
  /** Hears the code of a refusal that is the answer. */
  readonly refused: (code: string) => void;
}

export class ToolCalls {
  readonly #parts: ToolCallsParts;

  constructor(parts: ToolCallsParts) {
    this.#parts = parts;
  }

  /** Throws ProtocolError for a tool that there is not. */
  tool(name: string): Tool {
    const { tools, prefix } = this.#parts;
    const tool = name.startsWith(prefix) ? tools.get(name.slice(prefix.length)) : undefined;
    if (!tool)
      throw invalidParams(`there is no tool ${JSON.stringify(name.slice(0, 80))}; see tools/list`, "not_found");
    return tool;
  }

  /** Throws ProtocolError. */
  async call(asked: ToolCall): Promise<CallToolResult> {
    const { style } = this.#parts;
    const { context, args } = asked;
    const tool = this.tool(asked.name);
    try {
      return await this.#answer(tool, asked);
    } catch (thrown) {
      if (thrown instanceof ProtocolError) throw thrown;
      const { parts } = thrown instanceof CallRefusal ? thrown : new CallRefusal(thrown, { args, server: null });
      asked.refused(parts.refusal.code);
      return toolRefusal(parts.refusal, { tool, style, requestId: context.requestId, ...parts });
    }
  }

  /** Throws ProtocolError and FleettyError. */
  async #answer(tool: Tool, asked: ToolCall): Promise<CallToolResult> {
    const { style, callMaxMs = CALL_MAX_MS } = this.#parts;
    const { resume } = asked.args;
    const id = tool.isResumable && typeof resume === "string" && resume.startsWith("rsm_") ? resume : undefined;
    const call = id === undefined ? this.#begin(tool, asked) : this.#find(tool, id, asked);
    const outcome = await call.within(tool.isResumable ? callMaxMs : null, asked.signal);
    if (outcome === null) return this.#waiting(call, asked, id);
    if ("thrown" in outcome) throw outcome.thrown;
    return toolAnswer(outcome.value.value, { tool, style, revision: asked.revision, ...outcome.value });
  }

  #find(tool: Tool, id: string, { context, args }: ToolCall): PendingCall<Came> {
    const others = Object.keys(args).filter((name) => !["resume", "session", "server"].includes(name));
    if (others.length > 0) throw invalidParams(`${tool.name}: resume goes alone, without ${others.join(", ")}`);
    return this.#parts.pending.find(id, { tool: tool.name, owner: ownerOf(context) });
  }

  #begin(tool: Tool, { args, context }: ToolCall): PendingCall<Came> {
    const input = tool.read(args);
    const gone = new Gone();
    const asked = new AskedHub(this.#parts.calls, { ...context, gone });
    // What it waits for ends with the right by which it was asked.
    const forget = whenOver(context.caller.credential, () => gone.went());
    // It may be kept for long, and what was typed may be much.
    const kept = keptOf(args);
    const work = tool
      .run(input, asked)
      .then(
        (value) => ({ value, args: kept, server: asked.server(), partial: asked.partial() }),
        (thrown: unknown) => {
          throw thrown instanceof ProtocolError
            ? thrown
            : new CallRefusal(thrown, { args: kept, server: asked.server() });
        },
      )
      .finally(forget);
    const startedAtMs = performance.now();
    return new PendingCall({ tool: tool.name, owner: ownerOf(context), startedAtMs, args: kept, gone, work });
  }

  /** No failure: it goes on, and this says how far it is. */
  async #waiting(call: PendingCall<Came>, asked: ToolCall, id: string | undefined): Promise<CallToolResult> {
    const { pending, calls, style } = this.#parts;
    const hub = new AskedHub(calls, { ...asked.context, gone: new Gone() });
    const value = {
      status: "waiting",
      resume: pending.keep(call, id),
      waited_ms: Math.round(performance.now() - call.startedAtMs),
      ...(await howItIs(call.args, hub)),
    };
    const tool = { isList: false };
    return toolAnswer(value, { tool, style, revision: asked.revision, args: call.args, server: null, partial: [] });
  }
}

/** What an answer says again of what was asked. */
function keptOf({ session, server, timeout_ms, max_wait_ms }: Members): Members {
  return { session, server, timeout_ms, max_wait_ms };
}

/** A call that was refused, as whoever resumes it is to hear it too. */
class CallRefusal extends Error {
  readonly parts: Pick<RefusalParts, "args" | "server" | "beside"> & { readonly refusal: FleettyError };

  constructor(thrown: unknown, about: Pick<RefusalParts, "args" | "server">) {
    super("the call was refused", { cause: thrown });
    const { refusal, beside } =
      thrown instanceof ShownRefusal ? thrown : { refusal: toFleettyError(thrown), beside: {} };
    this.parts = { refusal, beside, ...about };
  }
}

/** The hub as the caller of one tool sees it. */
class AskedHub implements Asked {
  readonly #calls: HubCalls;
  readonly #context: CallContext;
  #notes: AnswerNotes = {};
  #partial: readonly string[] = [];

  constructor(calls: HubCalls, context: CallContext) {
    this.#calls = calls;
    this.#context = context;
  }

  async call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> {
    const notes: AnswerNotes = {};
    this.#notes = notes;
    const answer = await this.#calls.call(name, input, { ...this.#context, notes });
    this.#partial = [...this.#partial, ...(notes.partial ?? [])];
    return plainAnswer(answer instanceof Replayed ? answer.answer : answer) as OperationOutput<Name>;
  }

  server(): string | null {
    return this.#notes.server ?? null;
  }

  partial(): readonly string[] {
    return this.#partial;
  }
}

/** What a session does meanwhile, where one was named and it can be said at once. */
async function howItIs({ session, server }: Members, hub: Asked): Promise<Members> {
  if (typeof session !== "string") return {};
  const about = { session, ...(typeof server === "string" && { server }) };
  const info = await within(LOOK_MAX_MS, hub.call("sessions.get", about)).catch(() => null);
  return info === null ? {} : { attention: info.attention, generation: info.generation };
}

/** It is told beside the answer and delays it by no more. */
const LOOK_MAX_MS = 500;
