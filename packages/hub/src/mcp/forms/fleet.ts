// Forms of the tools that have cursors of their own: what one call may take bounds how long they are asked for, and the next
// call goes on from their cursor.
import { stream } from "@fleetty/protocol/schemas/fleet-events";
import { waitAll } from "@fleetty/protocol/schemas/waiting";
import { CALL_MAX_MS } from "../pending-calls.ts";
import { form } from "../tool.ts";

/** Left of a call's time for the way there and back. */
const MARGIN_MS = 500;
const WAIT_DEFAULT_MS = 30_000;

function cut(askedMs: number = WAIT_DEFAULT_MS): number {
  return Math.min(askedMs, CALL_MAX_MS - MARGIN_MS);
}

export function fleetForms() {
  return {
    wait_fleet: form({
      says: "Wait for many sessions at once: every event since the cursor, each once. Call again with its cursor.",
      input: waitAll.input,
      output: waitAll.output,
      answer: (input, asked) => asked.call("fleet.wait", { ...input, max_wait_ms: cut(input.max_wait_ms) }),
    }),
    get_events: form({
      says: "Read what happened to sessions and servers of the fleet since a cursor, or wait for it.",
      input: stream.input,
      output: stream.output,
      answer: (input, asked) => asked.call("events.stream", { ...input, max_wait_ms: cut(input.max_wait_ms) }),
    }),
  };
}
