// Takes reports of the mouse from places of the terminal to those of the program, which has only a part of it. Pure; knows the
// three forms of reports that say cells (xterm control sequences, mouse tracking).
import type { Box } from "../picture/canvas.ts";

/** SGR (1006), urxvt (1015), and the first one: three bytes, each 32 more than what it says. */
const REPORT = /\x1b\[(?:<(\d+);(\d+);(\d+)([Mm])|(\d+);(\d+);(\d+)M|M([\x20-\xff]{3}))/g;
const FIRST_FORM_ADDS = 32;
/** Bits of the button: what moves, and the wheel. In the forms without a release of its own the button of one is 3. */
const MOVES = 32;
const NO_BUTTON = 3;

/** What the program is told: nothing of presses beside its part; what began in it and ends beside it ends at its edge. */
export function mouseInProgram(typed: Uint8Array, program: Box): Uint8Array {
  const text = Buffer.from(typed).toString("latin1");
  if (!text.includes("\x1b[")) return typed;
  const told = text.replace(REPORT, (_whole: string, ...parts: (string | undefined)[]) => {
    const report = reportOf(parts);
    const place = placeIn(program, report);
    return place ? report.write(place) : "";
  });
  return Buffer.from(told, "latin1");
}

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Report extends Place {
  readonly isPress: boolean;
  /** The same report of another place. */
  readonly write: (place: Place) => string;
}

function reportOf([sgrButton, sgrX, sgrY, end, button, x, y, bytes]: readonly (string | undefined)[]): Report {
  if (sgrButton !== undefined) {
    const isPress = end === "M" && (Number(sgrButton) & MOVES) === 0;
    const write = (at: Place) => `\x1b[<${sgrButton};${at.x};${at.y}${end}`;
    return { x: Number(sgrX), y: Number(sgrY), isPress, write };
  }
  if (button !== undefined) {
    const write = (at: Place) => `\x1b[${button};${at.x};${at.y}M`;
    return { x: Number(x), y: Number(y), isPress: isFirstFormPress(Number(button)), write };
  }
  const [code = 0, atX = 0, atY = 0] = Buffer.from(bytes ?? "", "latin1");
  const write = (at: Place) => `\x1b[M${String.fromCharCode(code, at.x + FIRST_FORM_ADDS, at.y + FIRST_FORM_ADDS)}`;
  return { x: atX - FIRST_FORM_ADDS, y: atY - FIRST_FORM_ADDS, isPress: isFirstFormPress(code), write };
}

function isFirstFormPress(code: number): boolean {
  const button = code - FIRST_FORM_ADDS;
  return (button & MOVES) === 0 && (button & NO_BUTTON) !== NO_BUTTON;
}

/** Places count from 1. Null: it is none of the program's business. */
function placeIn({ top, left, bottom, right }: Box, { x, y, isPress }: Report): Place | null {
  const isInside = x > left && x <= right && y > top && y <= bottom;
  if (isPress && !isInside) return null;
  return { x: clamp(x - left, right - left), y: clamp(y - top, bottom - top) };
}

function clamp(at: number, count: number): number {
  return Math.max(1, Math.min(at, count));
}
