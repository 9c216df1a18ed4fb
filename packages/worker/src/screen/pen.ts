// Writes the sequences that give a terminal a pen, or a cell's attributes: all of them from nothing, so that the outcome
// does not hang on what came before.
import { BG, colorOf, FG, isRgb } from "./cell.ts";

/** Attributes as the core holds them; underline style and colour only where it keeps them aside. */
export interface Pen {
  readonly fg: number;
  readonly bg: number;
  readonly underlineStyle: number;
  /** Packed like a colour; 0 when the underline has the text's. */
  readonly underlineColor: number;
}

export const DEFAULT_PEN: Pen = { fg: 0, bg: 0, underlineStyle: 0, underlineColor: 0 };

const BRIGHT_FIRST = 8;
const BASIC_COUNT = 16;
const BRIGHT_STEP = 60 - BRIGHT_FIRST;

export function isSamePen(one: Pen, other: Pen): boolean {
  return (
    one.fg === other.fg &&
    one.bg === other.bg &&
    one.underlineStyle === other.underlineStyle &&
    one.underlineColor === other.underlineColor
  );
}

/** SGR, and DECSCA where the pen protects what it writes. */
export function penSequence(pen: Pen): string {
  const { fg, bg, underlineStyle, underlineColor } = pen;
  const codes: (number | string)[] = [0];
  if (fg & FG.bold) codes.push(1);
  if (bg & BG.faint) codes.push(2);
  if (bg & BG.italic) codes.push(3);
  if (fg & FG.underline) codes.push(underlineStyle > 1 ? `4:${underlineStyle}` : 4);
  if (fg & FG.blink) codes.push(5);
  if (fg & FG.inverse) codes.push(7);
  if (fg & FG.invisible) codes.push(8);
  if (fg & FG.strikethrough) codes.push(9);
  if (bg & BG.overline) codes.push(53);
  codes.push(...colorCodes(colorOf(fg), 30), ...colorCodes(colorOf(bg), 40), ...underlineCodes(underlineColor));
  const protection = bg & BG.isProtected ? '\x1b[1"q' : "";
  return `\x1b[${codes.join(";")}m${protection}`;
}

function colorCodes(color: number, base: 30 | 40): (number | string)[] {
  if (color === 0) return [];
  if (isRgb(color)) return [base + 8, 2, ...rgbParts(color)];
  const index = color & 0xff;
  if (index >= BASIC_COUNT) return [base + 8, 5, index];
  return [base + index + (index >= BRIGHT_FIRST ? BRIGHT_STEP : 0)];
}

function underlineCodes(packed: number): (number | string)[] {
  const color = colorOf(packed);
  if (color === 0) return [];
  return [isRgb(color) ? `58:2::${rgbParts(color).join(":")}` : `58:5:${color & 0xff}`];
}

function rgbParts(color: number): number[] {
  return [(color >> 16) & 0xff, (color >> 8) & 0xff, color & 0xff];
}
