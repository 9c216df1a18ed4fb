// A viewer's own terminal, which is fed what a stream brought. Tells its cells as an answer of the screen tells them, so
// that both can be compared.
import xterm from "@xterm/headless";

interface Span {
  text: string;
  [attribute: string]: unknown;
}

/** What both a screen's answer and a terminal say. */
export interface Picture {
  readonly lines: readonly Span[][];
  readonly cursor: { readonly row: number; readonly col: number };
  readonly cols: number;
  readonly rows: number;
  readonly alternate: boolean;
}

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<xterm.Terminal["buffer"]["active"]["getLine"]>>["getCell"]>>;

export class ViewerTerminal {
  readonly #terminal: xterm.Terminal;

  constructor(size: { readonly cols: number; readonly rows: number }) {
    this.#terminal = new xterm.Terminal({ cols: size.cols, rows: size.rows, allowProposedApi: true });
  }

  /** Resolves when it shows them. */
  feed(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(bytes, resolve));
  }

  resize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    this.#terminal.resize(cols, rows);
  }

  picture(): Picture {
    const { cols, rows, buffer } = this.#terminal;
    const { active } = buffer;
    const lines = Array.from({ length: rows }, (_, row) => spansOf(active.getLine(active.baseY + row), cols));
    const cursor = { row: active.cursorY, col: Math.min(active.cursorX, cols - 1) };
    return { lines, cursor, cols, rows, alternate: active.type === "alternate" };
  }
}

/** The same of an answer of `GET screen`. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
export function pictureOf({ lines, cursor: { row, col }, cols, rows, alternate_active: alternate }: any): Picture {
  return { lines, cursor: { row, col }, cols, rows, alternate };
}

function spansOf(line: ReturnType<xterm.Terminal["buffer"]["active"]["getLine"]>, cols: number): Span[] {
  const spans: Span[] = [];
  for (let col = 0; col < cols; col += 1) {
    const cell = line?.getCell(col);
    if (!cell || cell.getWidth() === 0) continue;
    const text = cell.isInvisible() || cell.getChars() === "" ? " ".repeat(cell.getWidth()) : cell.getChars();
    const attributes = attributesOf(cell);
    const last = spans.at(-1);
    if (last && JSON.stringify({ ...last, text: "" }) === JSON.stringify({ text: "", ...attributes }))
      last.text += text;
    else spans.push({ text, ...attributes });
  }
  const last = spans.at(-1);
  if (last && Object.keys(last).length === 1) last.text = last.text.replace(/ +$/, "");
  if (last?.text === "") spans.pop();
  return spans;
}

/** In the order of a span's members. */
function attributesOf(cell: Cell): Record<string, unknown> {
  const colour = (packed: number, isRgb: boolean) =>
    isRgb ? { rgb: { r: (packed >> 16) & 0xff, g: (packed >> 8) & 0xff, b: packed & 0xff } } : { indexed: packed };
  return {
    ...(!cell.isFgDefault() && { fg: colour(cell.getFgColor(), cell.isFgRGB()) }),
    ...(!cell.isBgDefault() && { bg: colour(cell.getBgColor(), cell.isBgRGB()) }),
    ...(cell.isBold() && { bold: true }),
    ...(cell.isDim() && { faint: true }),
    ...(cell.isItalic() && { italic: true }),
    ...(cell.isUnderline() && { underline: true }),
    ...(cell.isStrikethrough() && { strikethrough: true }),
    ...(cell.isBlink() && { blink: true }),
    ...(cell.isInverse() && { inverse: true }),
  };
}
