// The text frames of fleetty.stream.v1, in two unions named by direction: those of a link that concern one channel, and what
// only a viewer is told. A viewer ignores a type that it does not know, as every reader of frames does.
import * as z from "zod";
import { fromHub, fromWorker } from "./text-frames.ts";

/** Overlays, panels, focus or input mode may be others than they were: read them anew. Only to who is attached. */
const elements = z.object({ type: z.literal("elements") });

/** Server to viewer. */
export const toViewer = {
  gap: fromWorker.gap,
  size: fromWorker.size,
  exit: fromWorker.exit,
  in_ack: fromWorker.in_ack,
  error: fromWorker.error,
  elements,
};
/** Viewer to server; everything else of the link's frames is unknown here. */
export const fromViewer = { credit: fromHub.credit, size: fromHub.size, lease: fromHub.lease };

export type ToViewer = z.infer<(typeof toViewer)[keyof typeof toViewer]>;
