// Writes the text that repaints a screen on a reset terminal of its size: both buffers' rows, margins, tab stops and
// saved cursors, then modes, character sets, title, pen and cursor, so that the bytes that follow do there what they do
// here. Ours rather than @xterm/addon-serialize, which carries cells, the pen and ten modes only, and moves relatively.
//
// Not carried, because no sequence says it or because it is not part of a screen:
//   - scrollback, and whether the first row goes on from a line in it
//   - a saved cursor that has scrolled away (it is saved on the first row), and that a full scrollback holds it in place
//   - a cursor outside the margins in origin mode (it is put on the nearest row within)
//   - nothing printed under a pending wrap, or with attributes other than a background (it is a space there)
//   - a character set in force that is neither designated nor saved by the buffer in use
//   - synchronised output, hyperlinks, titles put aside, the palette, the icon name
// The same list stands in docs/protocol.md.
import { charsetLetter } from "./charset.ts";
import { DEFAULT_PEN } from "./pen.ts";
import { cellEndingAt, penOf, RowPainter } from "./row-painter.ts";
import { terminalModes } from "./terminal-modes.ts";
import { type Core, type CoreBuffer, type CoreCharset, viewLine } from "./xterm-core.ts";

const ESC = "\x1b";
const CSI = "\x1b[";
const TAB_WIDTH = 8;
const DESIGNATORS = ["(", ")", "*", "+"];
/** SI, SO, LS2, LS3: which of G0 to G3 is in force. */
const SHIFTS = ["\x0f", "\x0e", `${ESC}n`, `${ESC}o`];
const MOUSE_TRACKING = { none: "", x10: "9", vt200: "1000", drag: "1002", any: "1003" } as const;
const MOUSE_ENCODING = { default: "", sgr: "1006", sgr_pixels: "1016" } as const;
const CURSOR_STYLE = { block: 1, underline: 3, bar: 5 } as const;

/** VT text that makes a reset terminal of the same size one that looks and behaves as `core`. */
export function paintScreen(core: Core, title: string): string {
  const painter = new RowPainter(core);
  const { normal, alt, active } = core.buffers;
  paintBuffer(core, painter, normal);
  if (active === alt) {
    painter.add(`${CSI}?1047h`);
    paintBuffer(core, painter, alt);
  }
  painter.add(title === "" ? "" : `${ESC}]2;${title}${ESC}\\`);
  painter.add(modeSequences(core));
  if (isCharsetRestored(core)) {
    painter.add(`${charsetSequences(core)}${ESC}8`);
    painter.forgetPen();
    placeCursor(core, painter);
  } else {
    placeCursor(core, painter);
    painter.add(charsetSequences(core));
  }
  painter.add(printingModes(core));
  // Also where it is the pen already: a sequence here keeps a mark that follows from joining what was painted last.
  painter.forgetPen();
  painter.pen(penOf(core._inputHandler._curAttrData));
  joinLastCharacter(core, painter);
  return painter.toString();
}

/** Rows, tab stops, saved cursor and margins of one buffer, which is the active one of the terminal painted on. */
function paintBuffer(core: Core, painter: RowPainter, buffer: CoreBuffer): void {
  painter.paint(buffer);
  painter.add(tabStops(buffer, core.cols));
  saveCursor(core, painter, buffer);
  const { scrollTop, scrollBottom } = buffer;
  if (scrollTop > 0 || scrollBottom < core.rows - 1) painter.add(`${CSI}${scrollTop + 1};${scrollBottom + 1}r`);
}

function tabStops({ tabs }: CoreBuffer, cols: number): string {
  const stops = Array.from({ length: cols }, (_, col) => col).filter((col) => tabs[col]);
  const isUsual = stops.length === Math.ceil(cols / TAB_WIDTH) && stops.every((col) => col % TAB_WIDTH === 0);
  return isUsual ? "" : `${CSI}3g${stops.map((col) => `${CSI}${col + 1}G${ESC}H`).join("")}`;
}

function saveCursor(core: Core, painter: RowPainter, buffer: CoreBuffer): void {
  const { savedX, savedY, savedCurAttrData, savedCharset, ybase } = buffer;
  const pen = penOf(savedCurAttrData);
  const row = Math.min(Math.max(savedY - ybase, 0), core.rows - 1);
  if (savedX === 0 && row === 0 && pen.fg === 0 && pen.bg === 0 && savedCharset === undefined) return;
  painter.moveTo(row, Math.min(savedX, core.cols - 1));
  painter.pen(pen);
  painter.add(`${designate(0, savedCharset)}${ESC}7${designate(0, undefined)}`);
  painter.pen(DEFAULT_PEN);
}

function designate(set: number, charset: CoreCharset): string {
  return `${ESC}${DESIGNATORS[set]}${charsetLetter(charset)}`;
}

/** Modes that neither printing nor moving depends on, and origin mode, which sends the cursor home. */
function modeSequences(core: Core): string {
  const modes = terminalModes(core);
  const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
  const numbers = [
    modes.applicationCursor && "1",
    modes.origin && "6",
    core.options.cursorBlink && "12",
    modes.reverseWraparound && "45",
    modes.applicationKeypad && "66",
    MOUSE_TRACKING[modes.mouseTracking],
    modes.focusReporting && "1004",
    MOUSE_ENCODING[modes.mouseEncoding],
    modes.bracketedPaste && "2004",
  ].filter((number) => number);
  const style = cursorStyle === undefined ? "" : `${CSI}${CURSOR_STYLE[cursorStyle] + (cursorBlink ? 0 : 1)} q`;
  const visibility = modes.cursorVisible ? "" : `${CSI}?25l`;
  return numbers.map((number) => `${CSI}?${number}h`).join("") + style + visibility;
}

/** Puts the cursor where it is; behind the last column by printing what stands there. */
function placeCursor(core: Core, painter: RowPainter): void {
  const { x } = core.buffers.active;
  if (x < core.cols) painter.moveTo(addressedRow(core), x);
  else painter.reprint(cellEndingAt(cursorLine(core), x, core.cols), addressedRow(core), x);
}

/** The cursor's row as it is addressed: from the top margin on, and within the margins, in origin mode. */
function addressedRow(core: Core): number {
  const { y, scrollTop, scrollBottom } = core.buffers.active;
  if (!core.coreService.decPrivateModes.origin) return y;
  return Math.min(Math.max(y, scrollTop), scrollBottom) - scrollTop;
}

function cursorLine(core: Core) {
  return viewLine(core.buffers.active, core.buffers.active.y);
}

/** Whether restoring a cursor has brought a set into force that G0 to G3 do not say; only restoring it again does. */
function isCharsetRestored(core: Core): boolean {
  const { charset, glevel, _charsets } = core._charsetService;
  return charset !== _charsets[glevel] && charset === core.buffers.active.savedCharset;
}

/** Sets G0 to G3 and which of them is in force. */
function charsetSequences(core: Core): string {
  const { glevel, _charsets } = core._charsetService;
  const designations = DESIGNATORS.map((_, set) => (_charsets[set] && designate(set, _charsets[set])) ?? "");
  return designations.join("") + (glevel === 0 ? "" : SHIFTS[glevel]);
}

/** Modes that change what printing does, so that they come after all painting. */
function printingModes(core: Core): string {
  const { insert, wraparound, newLine } = terminalModes(core);
  return `${insert ? `${CSI}4h` : ""}${newLine ? `${CSI}20h` : ""}${wraparound ? "" : `${CSI}?7l`}`;
}

/**
 * Prints the last character once more where a character was the last thing printed, so that a combining mark or a
 * repeat that follows finds it. In insert mode its cells are first deleted, which inserting undoes.
 */
function joinLastCharacter(core: Core, painter: RowPainter): void {
  const { x } = core.buffers.active;
  if (core._inputHandler._parser.precedingJoinState === 0 || x === 0) return;
  const cell = cellEndingAt(cursorLine(core), x, core.cols);
  if (cell.text === "") return;
  painter.moveTo(addressedRow(core), x - cell.width);
  if (core.coreService.modes.insertMode) painter.add(`${CSI}${cell.width}P`);
  painter.add(cell.text);
}
