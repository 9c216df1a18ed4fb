// Decides how far a program may go on for those viewers that it waits for: as far as the slowest of them has taken. One
// that takes nothing for too long loses this right for good, and costs the others nothing. Pure: the caller brings the
// clock. Knows no stream and no socket.

/** A paced viewer that takes nothing for so long no longer holds the program back (public contract, raw stream). */
export const PACE_PATIENCE_MS = 2_000;

/** Everything below `position` has been handed to its socket. */
export interface Paced {
  readonly position: number;
}

interface Progress {
  position: number;
  movedAtMs: number;
}

export class Pacing<Viewer extends Paced> {
  readonly #progress = new Map<Viewer, Progress>();

  /** True when the program waits for nobody. */
  get isEmpty(): boolean {
    return this.#progress.size === 0;
  }

  add(viewer: Viewer, nowMs: number): void {
    this.#progress.set(viewer, { position: viewer.position, movedAtMs: nowMs });
  }

  delete(viewer: Viewer): void {
    this.#progress.delete(viewer);
  }

  /** What all of them have taken, at most `end`: the offset after the newest byte. */
  takenUpTo(end: number, nowMs: number): number {
    let taken = end;
    for (const [viewer, progress] of this.#progress) {
      const { position } = viewer;
      if (position !== progress.position || position >= end) {
        progress.position = position;
        progress.movedAtMs = nowMs;
      }
      if (nowMs - progress.movedAtMs > PACE_PATIENCE_MS) this.#progress.delete(viewer);
      else taken = Math.min(taken, position);
    }
    return taken;
  }
}
