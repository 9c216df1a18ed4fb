// Writes events as server-sent events (HTML standard, 9.2.5). Each text is one block, and ends in an empty line.
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";

/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;

export function sseHello(hello: FleetEvent): string {
  return `retry: ${RETRY_MS}\n${sseEvent(hello)}`;
}

/** JSON has no line end of its own, so data is one line. */
export function sseEvent(event: FleetEvent): string {
  return `id: ${event.cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A comment; the id without data moves the reader's cursor on, and is no event. */
export function sseHeartbeat(cursor: string): string {
  return `: still here\nid: ${cursor}\n\n`;
}
