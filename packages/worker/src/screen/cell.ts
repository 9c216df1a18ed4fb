// Names the bits of a cell as the core packs them (its buffer/Constants), and what of them can be seen. A cell is three
// numbers: content (code point, combined flag, width), fg and bg (colour, colour mode, flags). Knows no line or screen.

export const CELL_NUMBERS = 3;

export const CONTENT = { codePoint: 0x1fffff, isCombined: 0x200000, any: 0x3fffff, widthShift: 22 } as const;

export const FG = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strikethrough: 0x80000000,
} as const;

export const BG = {
  italic: 0x4000000,
  faint: 0x8000000,
  hasExtended: 0x10000000,
  isProtected: 0x20000000,
  overline: 0x40000000,
} as const;

const COLOR_MODE = 0x3000000;
const COLOR_MODE_INDEXED = 0x2000000;
const COLOR_MODE_RGB = 0x3000000;
const COLOR = COLOR_MODE | 0xffffff;
const SEEN_FG_FLAGS = FG.inverse | FG.bold | FG.underline | FG.blink | FG.strikethrough;
const SEEN_BG_FLAGS = BG.italic | BG.faint;

/** A blank without any attribute, as content. */
export const BLANK = 0x20 | (1 << CONTENT.widthShift);

/** Columns of the cell at `col`: 2 for a wide character with both halves. A half that lost the other takes one. */
export function widthAt(cells: Uint32Array, col: number, cols: number): 1 | 2 {
  if (!isWide(cells, col)) return 1;
  return col + 1 < cols && isSecondHalf(cells, col + 1) ? 2 : 1;
}

/** Whether the cell is half of a wide character without the other; it is then shown as blank. */
export function isLostHalf(cells: Uint32Array, col: number, cols: number): boolean {
  if (isWide(cells, col)) return widthAt(cells, col, cols) === 1;
  return isSecondHalf(cells, col) && (col === 0 || !isWide(cells, col - 1));
}

/** Whether the cell is the rest of the wide character before it; a combining mark alone in a cell has no width either. */
export function isSecondHalf(cells: Uint32Array, col: number): boolean {
  return (cells[col * CELL_NUMBERS] as number) === 0;
}

function isWide(cells: Uint32Array, col: number): boolean {
  return (cells[col * CELL_NUMBERS] as number) >> CONTENT.widthShift === 2;
}

/** The colour in `packed`, the same number for the same colour; the core leaves rests of earlier ones behind. 0: default. */
export function colorOf(packed: number): number {
  const mode = packed & COLOR_MODE;
  if (mode === 0) return 0;
  return mode === COLOR_MODE_RGB ? packed & COLOR : COLOR_MODE_INDEXED | (packed & 0xff);
}

export function isRgb(color: number): boolean {
  return (color & COLOR_MODE) === COLOR_MODE_RGB;
}

/** What of a cell's fg can be seen: equal numbers look equal. */
export function seenFg(fg: number): number {
  return fg === 0 ? 0 : colorOf(fg) | (fg & SEEN_FG_FLAGS);
}

export function seenBg(bg: number): number {
  return bg === 0 ? 0 : colorOf(bg) | (bg & SEEN_BG_FLAGS);
}
