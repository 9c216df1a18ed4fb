// Writes MCP messages as server-sent events (HTML standard, 9.2.5).
import type { JSONRPCMessage } from "@modelcontextprotocol/server";

/** A comment. */
export const HEARTBEAT = ": still here\n\n";

export function eventText(message: JSONRPCMessage): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
