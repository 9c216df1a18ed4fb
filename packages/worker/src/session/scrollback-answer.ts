// Decides which lines a reader of the scrollback gets: from where, how many, and no more than an answer may hold. Knows lines
// by number alone, wherever they are kept.
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Session } from "./session.ts";

type Line = OperationOutput<"sessions.scrollback">["lines"][number];

/** Lines of one answer unless the caller says otherwise, and at most (public limits). */
const DEFAULT_LINES = 100;
const MOST_LINES = 10_000;
/** What an answer's lines may take as JSON (public limits). */
export const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

export type ScrollbackQuery = Pick<OperationInput<"sessions.scrollback">, "offset" | "limit">;

/** Lines that are kept, the oldest first. */
export interface KeptLines {
  readonly epoch: number;
  readonly totalLines: number;
  line(index: number): Line;
}

/** Those of a session: once it has ended the rows of its screen, as they are kept from then on. */
export function keptLines(session: Session, format: "styled" | "plain" = "styled"): KeptLines {
  const screen = session.caughtUp();
  const above = session.end ? screen.totalLines - session.size.rows : 0;
  return {
    epoch: screen.look(),
    totalLines: screen.totalLines - above,
    line: (index) => screen.line(above + index, format),
  };
}

/** Beyond the end there are none. `maxBytes`: where an answer is cut, after its first line at the earliest. */
export function readScrollback(
  kept: KeptLines,
  query: ScrollbackQuery,
  maxBytes: number = ANSWER_MAX_BYTES,
): OperationOutput<"sessions.scrollback"> {
  const { epoch, totalLines } = kept;
  const { offset: asked = 0, limit = DEFAULT_LINES } = query;
  const offset = asked < 0 ? Math.max(0, totalLines + asked) : asked;
  const end = Math.min(totalLines, offset + Math.min(limit, MOST_LINES));
  const lines: Line[] = [];
  let bytes = 0;
  for (let index = offset; index < end; index += 1) {
    const line = kept.line(index);
    bytes += Buffer.byteLength(JSON.stringify(line)) + 1;
    if (bytes > maxBytes && lines.length > 0) break;
    lines.push(line);
  }
  return { epoch, lines, total_lines: totalLines, offset };
}
