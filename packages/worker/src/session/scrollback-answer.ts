// Decides which lines a reader of the scrollback gets: from where, how many, and no more than an answer may hold; and writes
// the answer piece by piece, for ten thousand lines are a long time to whoever shares the process. Knows lines by number
// alone, wherever they are kept.
import { PreparedJson } from "@fleetty/protocol/link";
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
  /** Lines from `from` up to `to`, exclusive, as they are now, whenever they are read. Ended with `return` before their end. */
  lines(from: number, to: number): Iterator<Line>;
}

/** Those of a session: once it has ended the rows of its screen, as they are kept from then on. */
export function keptLines(session: Session, format: "styled" | "plain" = "styled"): KeptLines {
  const screen = session.caughtUp();
  const above = session.end ? screen.totalLines - session.size.program.rows : 0;
  return {
    epoch: screen.look(),
    totalLines: screen.totalLines - above,
    lines: (from, to) => screen.hold({ from: above + from, to: above + to, format }),
  };
}

/** One answer in the making. It is true at the moment at which it was begun. */
export class ScrollbackReading {
  readonly #lines: Iterator<Line>;
  readonly #head: string;
  readonly #tail: string;
  readonly #pieces: Uint8Array[] = [];
  #room: number;
  #isBegun = false;

  /** `maxBytes`: where the answer is cut, after its first line at the earliest. Beyond the end there are no lines. */
  constructor(kept: KeptLines, query: ScrollbackQuery, maxBytes: number = ANSWER_MAX_BYTES) {
    const { epoch, totalLines } = kept;
    const { offset: asked = 0, limit = DEFAULT_LINES } = query;
    const offset = asked < 0 ? Math.max(0, totalLines + asked) : asked;
    const end = Math.min(totalLines, offset + Math.min(limit, MOST_LINES));
    this.#lines = kept.lines(Math.min(offset, end), end);
    this.#head = `{"epoch":${epoch},"lines":[`;
    this.#tail = `],"total_lines":${totalLines},"offset":${offset}}`;
    this.#room = maxBytes;
  }

  /** Writes lines of about `maxBytes`, at least one; whether more are to come. */
  read(maxBytes: number): boolean {
    let text = "";
    for (let left = maxBytes; left > 0; ) {
      const { done, value } = this.#lines.next();
      if (done) return this.#add(text, false);
      const line = JSON.stringify(value);
      const bytes = Buffer.byteLength(line) + 1;
      this.#room -= bytes;
      if (this.#room < 0 && this.#isBegun) {
        this.stop();
        return this.#add(text, false);
      }
      text += this.#isBegun ? `,${line}` : line;
      this.#isBegun = true;
      left -= bytes;
    }
    return this.#add(text, true);
  }

  /** What has been written so far, whole. */
  get answer(): PreparedJson {
    return new PreparedJson(Buffer.concat([Buffer.from(this.#head), ...this.#pieces, Buffer.from(this.#tail)]));
  }

  /** Nobody wants the rest. */
  stop(): void {
    this.#lines.return?.();
  }

  #add(text: string, isMore: boolean): boolean {
    if (text !== "") this.#pieces.push(Buffer.from(text));
    return isMore;
  }
}
