// Says what the two ends of a viewer's stream tell each other, without the form that it has on the wire.
import type { Snapshot, ToViewer } from "@fleetty/protocol/link";
import type { PendingInput } from "./input-ledger.ts";
import type { Size } from "./items.ts";

/** From the server. */
export type StreamFrame =
  | { readonly type: "output"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "snapshot"; readonly offset: number; readonly snapshot: Snapshot }
  | ToViewer;

/** From the viewer. */
export type ViewerWord =
  | ({ readonly type: "input" } & PendingInput)
  | ({ readonly type: "size" } & Size)
  /** What follows is done under this lease. */
  | { readonly type: "lease"; readonly lease: string | null }
  /** Everything below this offset has been consumed. */
  | { readonly type: "credit"; readonly upto: number };
