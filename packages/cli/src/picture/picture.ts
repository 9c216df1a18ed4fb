// Composes what somebody who is attached sees: the program's screen between the panels, the overlays above it all. Pure; knows no
// terminal and not how large it is.
//
//   panels at the top, the first one at the edge
//   the program's screen
//   panels at the bottom, the last one at the edge
//   overlays, by ascending z, anywhere above these
import type { ShownOverlay, ShownPanel } from "@fleetty/protocol/schemas/elements";
import { type Box, Canvas } from "./canvas.ts";
import type { Row } from "./cell.ts";
import { type Element, paintElement } from "./painted-element.ts";

export interface Cursor {
  readonly row: number;
  readonly col: number;
  readonly visible: boolean;
}

export interface Picture {
  readonly rows: readonly Row[];
  readonly cols: number;
  readonly cursor: Cursor;
  /** Where the program's screen is in it, also beyond its edges. */
  readonly program: Box;
}

/** What is painted around a program's screen, as the operations tell it. */
export interface Elements {
  /** By ascending z. */
  readonly overlays: readonly ShownOverlay[];
  /** Those at the top first; those of one edge from the edge inwards. */
  readonly panels: readonly ShownPanel[];
  /** Id of the element that has the focus. */
  readonly focused: string | null;
  readonly isCapturing: boolean;
}

export const NO_ELEMENTS: Elements = { overlays: [], panels: [], focused: null, isCapturing: false };

/** Whether there is anything to see of them. */
export function isAnything({ overlays, panels, isCapturing }: Elements): boolean {
  return isCapturing || overlays.length > 0 || panels.some(({ visible }) => visible);
}

/** Rows of `rows` that panels leave to the program. */
export function programRows(rows: number, { panels }: Elements): number {
  return rows - heightOf(panels.filter(({ visible }) => visible));
}

export function compose(screen: Picture, { overlays, panels, focused }: Elements): Picture {
  const shown = panels.filter(({ visible }) => visible);
  const above = shown.filter(({ position }) => position === "top");
  const below = shown.filter(({ position }) => position !== "top").reverse();
  const top = heightOf(above);
  const canvas = new Canvas([...blankRows(top), ...screen.rows, ...blankRows(heightOf(below))], screen.cols);
  const paint = (element: Element, box: Box) =>
    paintElement(canvas, element, { box, isFocused: element.id === focused });
  for (const { panel, ...rows } of [...stacked(above, 0), ...stacked(below, top + screen.rows.length)])
    paint(panel, { ...canvas.box, ...rows });
  for (const overlay of overlays) paint(overlay, boxOf(overlay));
  const { row, col, visible } = screen.cursor;
  const program = { ...canvas.box, top, bottom: top + screen.rows.length };
  return { rows: canvas.rows, cols: canvas.cols, cursor: { row: row + top, col, visible }, program };
}

function heightOf(panels: readonly ShownPanel[]): number {
  return panels.reduce((sum, { height }) => sum + height, 0);
}

function blankRows(count: number): Row[] {
  return Array.from({ length: count }, () => []);
}

/** Panels one below the other, from a row on, each with the rows that it has. */
function stacked(panels: readonly ShownPanel[], from: number) {
  let bottom = from;
  return panels.map((panel) => {
    const top = bottom;
    bottom += panel.height;
    return { panel, top, bottom };
  });
}

function boxOf({ x, y, width, height }: ShownOverlay): Box {
  return { top: y, left: x, bottom: y + height, right: x + width };
}
