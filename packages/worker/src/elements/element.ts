// Holds what an overlay and a panel are, and how each is shown: members at their default are left out. Types and copies alone.
import type { Background, ShownOverlay, ShownPanel } from "@fleetty/protocol/schemas/elements";
import type { Span, Write } from "./paint.ts";

export type ScreenModeName = "normal" | "alt";

export interface Element {
  readonly id: string;
  readonly z: number;
  /** The screen mode that it was made in, and is there in. */
  readonly mode: ScreenModeName;
  readonly isFocusable: boolean;
  readonly background: Background | undefined;
  readonly spans: readonly Span[];
  readonly writes: readonly Write[];
}

export interface Overlay extends Element {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Panel extends Element {
  readonly position: "top" | "bottom";
  readonly height: number;
}

export function shownOverlay(overlay: Overlay): ShownOverlay {
  const { id, x, y, z, width, height } = overlay;
  return { id, x, y, z, width, height, ...paintOf(overlay), ...setOf(overlay) };
}

export function shownPanel(panel: Panel, visible: boolean): ShownPanel {
  const { id, position, height, z } = panel;
  return { id, position, height, z, ...paintOf(panel), visible, ...setOf(panel) };
}

function paintOf({ background, spans, writes }: Element) {
  return {
    ...(background && { background }),
    spans: [...spans],
    ...(writes.length > 0 && { region_writes: [...writes] }),
  };
}

function setOf({ isFocusable, mode }: Element) {
  return { ...(isFocusable && { focusable: true as const }), ...(mode === "alt" && { screen_mode: mode }) };
}
