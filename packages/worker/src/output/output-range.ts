// Decides what a reader of raw output gets for a range of offsets: bytes, where they lie, where to go on, and what is
// gone. Pure over a ring; knows no session.
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Ring } from "@fleetty/protocol/stream/ring";
import { outputEnd, TAIL_MAX_BYTES } from "../marks/output-end.ts";
import { readBytes } from "./read-bytes.ts";
import { textBegin, textEnd } from "./text-edges.ts";
import { textOf } from "./text-of.ts";

/** Bytes of one answer unless the caller says otherwise (public limits). */
const DEFAULT_MAX_BYTES = 64 * 1024;

/** A request for output, less the session that it names. */
export type OutputQuery = Omit<OperationInput<"sessions.output">, "session" | "server" | "command">;
export type OutputAnswer = OperationOutput<"sessions.output">;

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Answers sessions.output from a ring. `from` is the offset of the first byte in the answer, `to` the one after its
 * last; what was asked for and is gone is in `gaps`; `next` is null when `to` or the present end is reached. A range
 * that lies beyond the end is empty. `raw` has the same members as `base64`: the face turns `data` into bytes.
 */
export function readOutput(ring: Ring, query: OutputQuery): OutputAnswer {
  const asked = resolve(ring, query);
  const from = Math.min(Math.max(asked.from, ring.oldest), asked.to);
  const most = Math.min(asked.to, from + (query.max_bytes ?? DEFAULT_MAX_BYTES));
  const isText = query.format === undefined || query.format === "text";
  const to = isText && most < asked.to ? textEnd(ring, { from, to: most }) : most;
  return {
    from,
    to,
    end: ring.end,
    oldest: ring.oldest,
    ...(isText ? { text: textIn(ring, { from, to }) } : { data: readBytes(ring, { from, to }).toString("base64") }),
    next: to < asked.to ? to : null,
    gaps: from > asked.from ? [{ from: asked.from, to: from, reason: "expired" }] : [],
  };
}

/** Where a command's output ends that a ring still holds, without what its shell adds to it. */
export function outputEndIn(ring: Ring, from: number, to: number): number {
  const start = Math.max(from, ring.oldest, to - TAIL_MAX_BYTES);
  return start >= to ? to : start + outputEnd(readBytes(ring, { from: start, to }));
}

function resolve(ring: Ring, query: OutputQuery): Range {
  const { from = ring.oldest, to = ring.end } = query;
  const start = from < 0 ? Math.max(0, ring.end + from) : from;
  return { from: start, to: Math.max(start, Math.min(to, ring.end)) };
}

/** Without the end of what began before it. */
function textIn(ring: Ring, range: Range): string {
  const from = textBegin(ring, range);
  return textOf(readBytes(ring, { from, to: range.to }), from);
}
