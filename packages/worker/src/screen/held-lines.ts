// Lines of a screen as they were at one moment, read one after the other while the screen goes on. Costs a reference a line:
// what has left the view is never written again, except that a full scrollback makes its oldest line the newest one, and
// that a resize wraps lines anew; just before either, the lines that have not been read are copied. Knows no reader.
import { plainLine, styledLine } from "./rendered-line.ts";
import type { Line, ScreenFormat } from "./screen.ts";
import type { Core, CoreLine } from "./xterm-core.ts";

export interface HeldRange {
  /** First line, 0 for the oldest that is kept. */
  readonly from: number;
  /** Line after the last; at most as many as there are. */
  readonly to: number;
  readonly format: ScreenFormat;
}

/** Renders a line when it is asked for. To be read to its end, or ended with `return`. */
export class HeldLines implements Iterator<Line> {
  readonly #render: (line: CoreLine, cols: number) => Line;
  readonly #cols: number;
  readonly #from: number;
  /** Those that have been read are let go. */
  readonly #lines: (CoreLine | undefined)[];
  readonly #forget: () => void;
  #next = 0;
  /** How many of the lines that were kept at that moment are not any more. */
  #trimmed = 0;

  /** `onEnd` is told once, when no line is left to be read. */
  constructor(core: Core, { from, to, format }: HeldRange, onEnd: (held: HeldLines) => void) {
    const { lines, ybase } = core.buffers.active;
    this.#render = format === "styled" ? styledLine : plainLine;
    this.#cols = core.cols;
    this.#from = from;
    this.#lines = Array.from({ length: to - from }, (_, at) => {
      const line = lines.get(from + at);
      return line && from + at >= ybase ? copyOf(line) : line;
    });
    const listening = lines.onTrim((count) => this.#onTrim(count));
    this.#forget = () => {
      listening.dispose();
      onEnd(this);
    };
  }

  next(): IteratorResult<Line> {
    const line = this.#lines[this.#next];
    if (!line) return this.return();
    this.#lines[this.#next] = undefined;
    this.#next += 1;
    return { done: false, value: this.#render(line, this.#cols) };
  }

  return(): { done: true; value: undefined } {
    this.#lines.length = 0;
    this.#forget();
    return { done: true, value: undefined };
  }

  /** The core is about to write in any line. */
  copyAll(): void {
    for (let at = this.#next; at < this.#lines.length; at += 1) this.#copy(at);
  }

  /** Lines go one by one when the oldest is about to become the newest, and many at once when they are erased. */
  #onTrim(count: number): void {
    if (count === 1) this.#copy(this.#trimmed - this.#from);
    this.#trimmed += count;
  }

  #copy(at: number): void {
    const line = this.#lines[at];
    if (line) this.#lines[at] = copyOf(line);
  }
}

function copyOf(line: CoreLine): CoreLine {
  const { _data, _combined, _extendedAttrs, isWrapped } = line;
  return { _data: _data.slice(), _combined: { ..._combined }, _extendedAttrs: { ..._extendedAttrs }, isWrapped };
}
