// Shows a session on a terminal of the same size: passes its bytes through, less queries. Knows no session.
import type { SnapshotItem } from "@fleetty/client";
import { RESET_MODES } from "../terminal/terminal.ts";
import { QueryFilter } from "./query-filter.ts";

type Write = (data: string | Uint8Array) => Promise<void>;

/** Home, and everything blank. */
const CLEAR = "\x1b[H\x1b[2J";

export class DirectView {
  readonly #write: Write;
  #filter = new QueryFilter();
  #isFirst = true;
  #isDefaced = false;

  constructor(write: Write) {
    this.#write = write;
  }

  /** Whether words of ours stand where the session's belong. */
  get isDefaced(): boolean {
    return this.#isDefaced;
  }

  /** What comes next is another stream, which begins with a snapshot. */
  reset(): void {
    this.#filter = new QueryFilter();
  }

  repaint({ vt, rows }: SnapshotItem): Promise<void> {
    // What the user had on the terminal is scrolled away rather than wiped out.
    const room = this.#isFirst ? "\r\n".repeat(rows) : "";
    this.#isFirst = false;
    this.#isDefaced = false;
    return this.#write(
      Buffer.concat([Buffer.from(`${RESET_MODES}${room}${CLEAR}`), this.#filter.filter(Buffer.from(vt))]),
    );
  }

  output(bytes: Uint8Array): Promise<void> {
    return this.#write(this.#filter.filter(bytes));
  }

  /** Says something in the first row; the next repaint takes it away. */
  notify(words: string): Promise<void> {
    this.#isDefaced = true;
    return this.#write(`\x1b7\x1b[1;1H\x1b[0;7m ${words} \x1b[0m\x1b8`);
  }
}
