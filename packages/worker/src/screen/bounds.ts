// Keeps what a program prints from taking more than its share of time or memory in the core: repeat counts up to 2^31,
// endless combining marks on one cell, hyperlinks that are kept one by one, texts of 10 MB. Also mends sequences that
// the core (6.0.0) gets wrong. Knows no queries and no epochs.
import { CELL_NUMBERS, CONTENT } from "./cell.ts";
import { WIDTHS } from "./character-width.ts";
import { type Core, type CoreLine, type CoreParams, type SequenceId, viewLine } from "./xterm-core.ts";

/** Sequences that the core repeats once per count in a loop, and beyond which count nothing more can happen. */
const REPEATED: readonly { readonly id: SequenceId; readonly most: (core: Core) => number }[] = [
  ...["L", "M", "S", "T"].map((final) => ({ id: { final }, most: (core: Core) => core.rows })),
  ...["I", "Z"].map((final) => ({ id: { final }, most: (core: Core) => core.cols })),
  { id: { final: "b" }, most: (core) => core.cols * core.rows },
];
/** OSC texts that the core would keep: icon name, hyperlinks. Title and colours get handlers of their own. */
const UNKEPT_OSC = [0, 1, 2, 4, 8, 10, 11, 12, 104, 110, 111, 112];
/** Longest text of one cell: the longest cluster in Unicode's test data has 10 code points; the rest is not shown. */
const CELL_TEXT_MAX = 32;
const ERASE_TO_CURSOR = 1;
const ERASE_SCROLLBACK = 3;

/** Applies all bounds to a fresh core, before any handler of our own. */
export function bound(core: Core): void {
  const parser = core._inputHandler._parser;
  for (const { id, most } of REPEATED) {
    parser.registerCsiHandler(id, (params) => {
      params.params[0] = Math.min(params.params[0] ?? 0, most(core));
      return false;
    });
  }
  for (const ident of UNKEPT_OSC) parser.clearOscHandler(ident);
  parser.clearDcsHandler({ intermediates: "$", final: "q" });
  parser.registerCsiHandler({ final: "J" }, (params) => eraseWholeRows(core, params, false));
  parser.registerCsiHandler({ prefix: "?", final: "J" }, (params) => eraseWholeRows(core, params, true));
  parser.registerCsiHandler({ final: "J" }, (params) => eraseScrollback(core, params));
  parser.registerEscHandler({ final: "c" }, () => resetRest(core));
  parser.setPrintHandler((data, start, end) => printWithin(core, data, start, end));
  boundCellText(viewLine(core.buffers.active, 0));
}

/** Erasing up to a cursor in the last column: the core throws or unwraps a wrong line, for it forgets the scrollback. */
function eraseWholeRows(core: Core, params: CoreParams, respectsProtection: boolean): boolean {
  const buffer = core.buffers.active;
  if (params.params[0] !== ERASE_TO_CURSOR || buffer.x + 1 < core.cols) return false;
  for (let row = 0; row <= buffer.y; row += 1) core._inputHandler._resetBufferLine(row, respectsProtection);
  if (buffer.y + 1 < core.rows) viewLine(buffer, buffer.y + 1).isWrapped = false;
  return true;
}

/** The core counts a saved cursor's row from the top of the scrollback, and forgets it when that is erased. */
function eraseScrollback(core: Core, { params }: CoreParams): boolean {
  if (params[0] !== ERASE_SCROLLBACK) return false;
  const buffer = core.buffers.active;
  buffer.savedY = Math.max(0, buffer.savedY - (buffer.lines.length - core.rows));
  return false;
}

/** Combining marks that follow no character take a cell each in the core, and behind the last column they leave the row. */
function printWithin(core: Core, data: Uint32Array, start: number, end: number): void {
  const { _inputHandler: handler } = core;
  let from = start;
  while (from < end && handler._parser.precedingJoinState === 0 && WIDTHS.wcwidth(data[from] as number) === 0) {
    if (core.buffers.active.x < core.cols) handler.print(data, from, from + 1);
    from += 1;
  }
  if (from < end) handler.print(data, from, end);
}

/** What a full reset (RIS) of the core leaves as it was. */
function resetRest(core: Core): boolean {
  core.coreService.isCursorHidden = false;
  core.options.convertEol = false;
  core.options.cursorBlink = false;
  return false;
}

type CellTextAdder = (this: CoreLine, column: number, codePoint: number, width: number) => void;
const bounded = new WeakSet<object>();

/** All lines of the process share one prototype, so this is done once. */
function boundCellText(line: CoreLine): void {
  const prototype = Object.getPrototypeOf(line) as { addCodepointToCell: CellTextAdder };
  if (bounded.has(prototype)) return;
  bounded.add(prototype);
  const add = prototype.addCodepointToCell;
  prototype.addCodepointToCell = function (column, codePoint, width) {
    if ((this._combined[column]?.length ?? 0) < CELL_TEXT_MAX || !isCombined(this, column)) {
      add.call(this, column, codePoint, width);
    }
  };
}

function isCombined(line: CoreLine, column: number): boolean {
  return ((line._data[column * CELL_NUMBERS] as number) & CONTENT.isCombined) !== 0;
}
