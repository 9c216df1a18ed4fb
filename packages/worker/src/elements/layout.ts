// Decides which panels have their rows of a screen, and how many are left to the program: at least one. Pure.
import type { Panel } from "./element.ts";

export interface Layout {
  /** Ids of the panels that are shown. */
  readonly visible: ReadonlySet<string>;
  /** Rows of the program. */
  readonly rows: number;
}

/** `panels` in the order in which they were made; those of one height in z keep it. */
export function layOut(panels: readonly Panel[], outerRows: number): Layout {
  const visible = new Set<string>();
  let rows = outerRows;
  for (const { id, height } of panels.toSorted((one, other) => other.z - one.z)) {
    if (rows - height < 1) continue;
    visible.add(id);
    rows -= height;
  }
  return { visible, rows };
}
