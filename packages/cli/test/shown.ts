// Draws bytes on an emulated terminal, and says what stands there: text, looks and cursor. For tests of what is painted.
import xterm from "@xterm/headless";

export interface Shown {
  /** Without blanks at the ends of rows. */
  readonly lines: string[];
  /** For each row, its cells with their looks, in a form of which only equality counts. */
  readonly cells: string[];
  readonly cursor: { readonly row: number; readonly col: number };
}

/** What a terminal of that size shows after these bytes. */
export async function shownBy(size: { rows: number; cols: number }, ...written: string[]): Promise<Shown> {
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
  for (const bytes of written) await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: size.rows }, (_, at) => active.getLine(at));
  const shown = {
    lines: rows.map((row) => row?.translateToString().trimEnd() ?? ""),
    cells: rows.map((row) => Array.from({ length: size.cols }, (_, col) => lookOf(row?.getCell(col))).join("|")),
    cursor: { row: active.cursorY, col: active.cursorX },
  };
  terminal.dispose();
  return shown;
}

type Buffer = InstanceType<typeof xterm.Terminal>["buffer"]["active"];
type Cell = ReturnType<NonNullable<ReturnType<Buffer["getLine"]>>["getCell"]>;

function lookOf(cell: Cell): string {
  if (!cell) return "";
  const flags = [cell.isBold(), cell.isItalic(), cell.isUnderline(), cell.isInverse()].map((set) => (set ? 1 : 0));
  const colors = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
  return [cell.getChars().padEnd(cell.getWidth(), " "), ...flags, ...colors].join(",");
}
