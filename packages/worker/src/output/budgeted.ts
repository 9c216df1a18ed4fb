// Temporary.
import type { Ring } from "@fleetty/protocol/stream/ring";
import { readBytes } from "./output-range.ts";
import { textOf } from "./text-of.ts";

export function budgeted(
  ring: Ring,
  range: { from: number; to: number },
  _: { maxBytes: number; headBytes: number },
): { output: string; tail?: string; omitted: null } {
  return { output: textOf(readBytes(ring, range), range.from), omitted: null };
}
