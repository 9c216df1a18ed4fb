// Keeps a frame of the fleet on the user's terminal until they leave: reads and draws each second, scrolls, and gives the
// terminal back. Knows no layout.
import type { Client } from "@fleetty/client";
import { PaintedRows } from "../terminal/painted-rows.ts";
import { Terminal, type TerminalOptions } from "../terminal/terminal.ts";
import { FleetReader } from "./fleet-reading.ts";
import { frame, type Line, skippedMost } from "./frame.ts";

/** Ages are shown in seconds. */
const AGAIN_MS = 1_000;

/** Alternate screen, no cursor, and no wrapping of a line that is wider than this program takes it for. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J";
const TERMINAL: TerminalOptions = {
  refusal: "top needs a terminal; fleetty top --once prints one frame without",
  giveBack: "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l",
};
const CLEAR = "\x1b[0m\x1b[2J";
const LOOKS: Readonly<Record<Line["kind"], string>> = { plain: "", heading: "\x1b[7m", alarm: "\x1b[1m" };

/** Sessions that a key scrolls by; a page is what is on the screen, near enough. */
const STEPS: readonly (readonly [RegExp, (rows: number) => number])[] = [
  [/^(?:\x1b(?:\[|O)B|j)/, () => 1],
  [/^(?:\x1b(?:\[|O)A|k)/, () => -1],
  [/^(?:\x1b\[6~| )/, (rows) => Math.max(1, Math.floor(rows / 2))],
  [/^\x1b\[5~/, (rows) => -Math.max(1, Math.floor(rows / 2))],
  [/^(?:\x1b(?:\[|O)F|G)/, () => Number.POSITIVE_INFINITY],
  [/^(?:\x1b(?:\[|O)H|g)/, () => Number.NEGATIVE_INFINITY],
];
const LEAVE = /^[q\x03]/;

/** Resolves with the exit code. Throws what refuses the first reading. */
export async function liveView(client: Client): Promise<number> {
  const leaving = new AbortController();
  const reader = new FleetReader(client, leaving.signal);
  try {
    await reader.first();
    return await new LiveView(reader).ended;
  } finally {
    leaving.abort();
  }
}

class LiveView {
  readonly #reader: FleetReader;
  readonly #terminal: Terminal;
  readonly #ending = Promise.withResolvers<number>();
  readonly #stopLooking: () => void;
  #painted = new PaintedRows();
  #skipped = 0;
  #isDrawing = false;
  #isStale = false;

  constructor(reader: FleetReader) {
    this.#reader = reader;
    this.#terminal = new Terminal(TERMINAL, {
      typed: (bytes) => this.#typed(Buffer.from(bytes).toString("latin1")),
      resized: () => this.#resized(),
      ended: (exitCode) => this.#end(exitCode),
    });
    void this.#terminal.write(ENTER);
    this.#draw();
    this.#stopLooking = this.#lookAgain();
  }

  get ended(): Promise<number> {
    return this.#ending.promise;
  }

  /** The one place that decides when the fleet is looked at: each second, so that ages are true as well. Returns its end. */
  #lookAgain(): () => void {
    const timer = setInterval(() => {
      this.#reader.look(() => this.#draw());
      this.#draw();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }

  /** A terminal that is slow to take a frame gets the newest one next, and none between. */
  #draw(): void {
    if (this.#isDrawing) {
      this.#isStale = true;
      return;
    }
    this.#isDrawing = true;
    this.#isStale = false;
    const { size } = this.#terminal;
    const lines = frame(this.#reader.reading(performance.now()), { size, nowMs: Date.now(), skipped: this.#skipped });
    const rows = lines.map(({ text, kind }) => `${LOOKS[kind]}${text}`);
    void this.#terminal.write(`${this.#painted.paint(rows)}\x1b[0m`).then(() => {
      this.#isDrawing = false;
      if (this.#isStale) this.#draw();
    });
  }

  #resized(): void {
    this.#painted = new PaintedRows();
    void this.#terminal.write(CLEAR);
    this.#scroll(0);
  }

  #typed(keys: string): void {
    for (let at = 0; at < keys.length; ) {
      const rest = keys.slice(at);
      if (LEAVE.test(rest)) return this.#end(0);
      const step = STEPS.find(([key]) => key.test(rest));
      if (step) this.#scroll(step[1](this.#terminal.size.rows));
      at += step ? (step[0].exec(rest)?.[0].length ?? 1) : 1;
    }
  }

  #scroll(by: number): void {
    const most = skippedMost(this.#reader.reading(performance.now()), this.#terminal.size.rows);
    this.#skipped = Math.min(most, Math.max(0, this.#skipped + by));
    this.#draw();
  }

  #end(exitCode: number): void {
    this.#stopLooking();
    this.#terminal[Symbol.dispose]();
    this.#ending.resolve(exitCode);
  }
}
