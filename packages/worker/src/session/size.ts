// Decides the effective size of a terminal from the one asked for.

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

const EXTENT_MAX = 1000;
/** Cells of one screen, so that a single session cannot take the host's memory (public limits). */
const CELLS_MAX = 250_000;

/** The emulator keeps a wide character whole only where two columns are. */
const COLS_MIN = 2;

/** Clamps to 1…1000 each, columns to at least 2; rows are cut so that the screen has at most 250,000 cells. */
export function effectiveSize(asked: Size): Size {
  const cols = Math.max(clamp(asked.cols, EXTENT_MAX), COLS_MIN);
  const rows = Math.min(clamp(asked.rows, EXTENT_MAX), Math.max(1, Math.floor(CELLS_MAX / cols)));
  return { cols, rows };
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(Math.trunc(value), 1), max);
}
