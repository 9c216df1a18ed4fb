// Says by which SGR parameters a span looks as it is described: a span of a screen, or one that an element is painted with.
import type { Screen } from "@fleetty/protocol/schemas/common";
import type { ShownOverlay } from "@fleetty/protocol/schemas/elements";

export type Span = Exclude<Screen["lines"][number], string>[number];
type Color = NonNullable<Span["fg"]>;
/** A text as an element has it, with its looks. */
export type Painted = Pick<ShownOverlay["spans"][number], "text" | "fg" | "bg" | "bold" | "italic" | "underline">;
type PaintColor = NonNullable<Painted["fg"]>;

/** ECMA-48, 8.3.117. */
const ATTRIBUTES = { bold: 1, faint: 2, italic: 3, underline: 4, blink: 5, inverse: 7, strikethrough: 9 } as const;
/** From the eight colours to the bright ones, by aixterm: 90 and 100 are bright black. */
const BRIGHT = 60;
export const INVERSE = `${ATTRIBUTES.inverse}`;
/** In the order of ECMA-48: 30 and 40 are black. */
const NAMED = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** SGR parameters; empty for a span without any. */
export function styleOf(span: Span): string {
  const { fg, bg } = span;
  return [...attributes(span), ...(fg ? [code(30, fg)] : []), ...(bg ? [code(40, bg)] : [])].join(";");
}

/** As `styleOf`, for what an element is painted with; without a background of its own it has that of its element. */
export function paintOf(painted: Painted, background: PaintColor | undefined): string {
  const { fg, bg = background } = painted;
  return [...attributes(painted), ...(fg ? [paint(30, fg)] : []), ...(bg ? [paint(40, bg)] : [])].join(";");
}

function attributes(described: Readonly<Partial<Record<keyof typeof ATTRIBUTES, unknown>>>): string[] {
  return Object.entries(ATTRIBUTES).flatMap(([name, sgr]) =>
    described[name as keyof typeof ATTRIBUTES] === true ? [`${sgr}`] : [],
  );
}

/**
 * `base`: 30 for the foreground, 40 for the background. The first sixteen in the form that nearly all programs use, which some
 * terminals show otherwise than the same number among 256: brighter where it is bold.
 */
function code(base: 30 | 40, color: Color): string {
  if ("rgb" in color) {
    const { r, g, b } = color.rgb as { r: number; g: number; b: number };
    return `${base + 8};2;${r};${g};${b}`;
  }
  const { indexed } = color as { indexed: number };
  if (indexed < 8) return `${base + indexed}`;
  return indexed < 16 ? `${base + BRIGHT + indexed - 8}` : `${base + 8};5;${indexed}`;
}

/** `base` as before. A name that this version does not know is no colour. */
function paint(base: 30 | 40, color: PaintColor): string {
  if (typeof color !== "string") return `${base + 8};2;${color.r};${color.g};${color.b}`;
  const at = NAMED.indexOf(color);
  return `${at < 0 ? base + 9 : base + at}`;
}
