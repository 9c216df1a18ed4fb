// Writes MCP messages as server-sent events (HTML standard, 9.2.5), and begins a response that is a stream of them.
import type { ServerResponse } from "node:http";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { Headers } from "../faces/answer.ts";

/** Well below the minute after which proxies forget a quiet connection. */
export const HEARTBEAT_MS = 15_000;
/** A comment. */
export const HEARTBEAT = ": still here\n\n";

export function eventText(message: JSONRPCMessage): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

export function beginEvents(response: ServerResponse, headers: Headers): void {
  // Between us and a reader nothing is to gather what belongs to now.
  response.writeHead(200, { ...headers, "content-type": "text/event-stream", "x-accel-buffering": "no" });
  response.flushHeaders();
}
