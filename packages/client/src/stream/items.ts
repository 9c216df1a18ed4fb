// Says what a watcher of a session meets.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { Snapshot } from "@fleetty/protocol/link";
import type { Exit } from "@fleetty/protocol/schemas/common";

/** Bytes of the session's output; `offset` is the position of the first one. */
export interface OutputItem {
  readonly type: "output";
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The screen at `offset`: `vt` repaints it on a reset terminal of that size, and output goes on from there. */
export interface SnapshotItem extends Snapshot {
  readonly type: "snapshot";
  readonly offset: number;
}

/** Bytes [from, to) will not come; `reason` may be a word that this version does not know. */
export interface GapItem {
  readonly type: "gap";
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface Size {
  readonly rows: number;
  readonly cols: number;
}

export type WatchItem =
  | OutputItem
  | SnapshotItem
  | GapItem
  /** The session's size, whoever changed it. */
  | ({ readonly type: "size" } & Size)
  /**
   * Overlays, panels, focus or input mode may be others than they were: read them. Only in a watch with `attach`: at the
   * beginning if there is anything to see of them, after each change, and after each `reconnected`.
   */
  | { readonly type: "elements" }
  /** The last item: how the session ended, after its last byte at `offset`. */
  | { readonly type: "exit"; readonly exit: Exit; readonly offset: number }
  /** The connection is gone and is being made again; nothing is lost by it that a gap does not name. */
  | { readonly type: "disconnected"; readonly error: FleettyError }
  | { readonly type: "reconnected" }
  /** The server refused something that this watcher asked for, such as a resize. */
  | { readonly type: "error"; readonly error: FleettyError }
  /** The last item of a watcher that the server has dismissed. */
  | { readonly type: "closed"; readonly reason: string };
