// A response that is a stream of server-sent events (HTML standard, 9.2): how it begins, how often it shows that it is still
// there, and how it ends. Knows no event.
import type { ServerResponse } from "node:http";
import type { Headers } from "./answer.ts";

/** Public contract; well below the minute after which proxies forget a quiet connection. */
export const HEARTBEAT_MS = 15_000;
/** A reader that does not read is cut off so long after its stream has ended. */
const CUT_WITHIN_MS = 1_000;

export function beginEvents(response: ServerResponse, headers: Headers): void {
  // Between us and a reader nothing is to gather what belongs to now.
  response.writeHead(200, { ...headers, "content-type": "text/event-stream", "x-accel-buffering": "no" });
  response.flushHeaders();
}

/** What is not written is not sent. May be called again. */
export function endEvents(response: ServerResponse): void {
  if (response.closed || response.writableEnded) return;
  response.end();
  const cut = setTimeout(() => response.destroy(), CUT_WITHIN_MS);
  response.once("close", () => clearTimeout(cut));
}
