// Makes what a client is answered out of what a tool came to: compact JSON, labelled and seen through, and structured where
// the client knows that; or the refusal in the form of its API. Pure; knows no tool.
import type { FleettyError, WireError } from "@fleetty/protocol/errors";
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { shown } from "../faces/answer.ts";
import { labelled, seenThroughout, withoutBlankEnds } from "./terminal-text.ts";
import type { Members, Style, Tool } from "./tool.ts";

/** The first revision in which results are structured; revisions are dates, so they compare as texts. */
const STRUCTURED_SINCE = "2025-06-18";

export interface AnswerParts {
  readonly tool: Pick<Tool, "isList">;
  readonly style: Style;
  /** Of the protocol, as client and server have agreed. */
  readonly revision: string;
  /** What was asked for. */
  readonly args: Members;
  /** Hostname of the server that answered, where one did. */
  readonly server: string | null;
  /** Servers whose part of a list may be missing. */
  readonly partial: readonly string[];
}

export function toolAnswer(value: unknown, parts: AnswerParts): CallToolResult {
  const { style, partial, revision } = parts;
  // A model that reads the text alone would take what is missing for gone.
  const isPartial = Array.isArray(value) && style === "own" && partial.length > 0;
  const [seen, text] = written(isPartial ? { partial, items: value } : value, parts);
  const isStructured = revision >= STRUCTURED_SINCE;
  return {
    content: [{ type: "text", text }],
    ...(isStructured && { structuredContent: isPartial ? (seen as Members) : structured(seen, parts) }),
  };
}

/** As it is told, and the same as compact JSON. */
function written(value: unknown, { style, args, server }: Pick<AnswerParts, "style" | "args" | "server">) {
  const short = style === "own" ? withoutBlankEnds(value) : value;
  const asked = { server, session: sessionOf(args) };
  const told = labelled(short, asked, style === "own" ? "first" : "last");
  const json = JSON.stringify(told ?? null);
  const seen = seenThroughout(told, json);
  return [seen, seen === told ? json : JSON.stringify(seen)] as const;
}

/** A list stands below `items`, since structured content is an object. */
function structured(value: unknown, { tool, partial }: AnswerParts): Members {
  if (!tool.isList) return value as Members;
  const items = Array.isArray(value) ? value : [value];
  return { items, ...(partial.length > 0 && { partial }) };
}

/** Without the server before it. */
function sessionOf({ session }: Members): string | null {
  return typeof session === "string" ? session.replace(/^.*(?:\/|%2[Ff])/s, "") : null;
}

export interface RefusalParts {
  readonly tool: Tool;
  readonly style: Style;
  readonly requestId: string;
  readonly args: Members;
  /** What is told with it, and of which server. */
  readonly beside: Members;
  readonly server: string | null;
}

/** Throws ProtocolError where older clients look for refusals. */
export function toolRefusal(error: FleettyError, parts: RefusalParts): CallToolResult {
  const { tool, style, requestId, args, beside } = parts;
  const wire = seenRefusal(error, requestId);
  if (style === "own" || !tool.isCore) return failed({ error: wire, ...beside }, parts);
  if (error.code === "idle_timeout") {
    const { timeout_ms = 2_000, max_wait_ms = 30_000 } = args;
    return failed({ error: wire.message, timeout_ms, max_wait_ms, ...beside }, parts);
  }
  const isMendable = error.status < 500;
  throw new ProtocolError(
    isMendable ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    wire.message,
    wire,
  );
}

/** As it goes over the wire. It may name what programs or other servers have called something. */
export function seenRefusal(error: FleettyError, requestId: string): WireError {
  const wire = shown(error, requestId).toWire();
  return seenThroughout(wire, JSON.stringify(wire)) as WireError;
}

function failed(what: Members, parts: RefusalParts): CallToolResult {
  const [, text] = written(what, parts);
  return { content: [{ type: "text", text }], isError: true };
}
