// Holds input and output shapes of what lasts on a session: its output stream, and the channel of what is typed into it.
import * as z from "zod";
import { count, nothing, serverRef, sessionRef } from "./common.ts";
import { heldLease, leaseId } from "./leases.ts";

/** Opens the one output stream of a session on a link. */
export const stream = {
  input: z.object({
    session: sessionRef,
    ch: count().describe("channel, chosen by the hub end, so that no frame can come before it is known"),
    from: z.union([count(), z.literal("now")]),
    pace: z.boolean().optional(),
    quiet: z
      .boolean()
      .optional()
      .describe("no output comes, only sizes and the exit: who opens it is there, and that is all"),
  }),
  output: z.looseObject({ offset: count(), rows: count(), cols: count() }),
};

/** The raw stream as a viewer asks for it, in the query of a WebSocket upgrade. */
export const watch = {
  input: z.object({
    session: sessionRef,
    server: serverRef.describe("hostname or id of the server; default: the one that has the session").optional(),
    from: count().optional().describe("first byte; a redraw if it is gone"),
    snapshot: z.boolean().optional().describe("begin with a redraw of the screen"),
    readonly: z.boolean().optional().describe("ignore what the viewer sends"),
    attach: z.boolean().optional().describe("be one of those that detach sends away, and whose keys may be captured"),
    pace: z.boolean().optional().describe("the program waits for this viewer"),
    lease: heldLease,
    client: z.string().min(1).max(64).optional().describe("name under which inputs are numbered across reconnects"),
  }),
  output: nothing,
};

/** Opens a channel of numbered inputs; `next` is the number that the host expects. `client` carries its principal. */
export const inputOpen = {
  input: z.object({
    ...{ session: sessionRef, ch: count(), client: z.string().min(1).max(256), lease: leaseId.optional() },
    attach: z.boolean().optional().describe("its keystrokes may be captured"),
  }),
  output: z.looseObject({
    next: count(),
    captures: z
      .boolean()
      .optional()
      .describe("keys of attach clients can be captured; absent: nobody there knows of that"),
  }),
};
