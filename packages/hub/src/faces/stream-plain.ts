// The plain form of a raw stream: binary frames of output and nothing else; whatever the viewer sends is typed. A gap
// shows as one frame that clears and redraws the screen.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { Exit } from "@fleetty/protocol/schemas/common";
import type { Viewer, ViewerSink } from "../calls.ts";
import type { StreamForm } from "./ws-raw.ts";

/** Where a stream's frames go. */
export interface StreamOut {
  send(data: string | Uint8Array): void;
  bufferedBytes(): number;
  close(code: number, reason: string): void;
}

/** How a viewer's socket is closed that has been sent away (public contract, close codes). */
export const DETACHED = { code: 4000, reason: "detached" };

/** Full reset (ECMA-48, RIS): the viewer's terminal may be in any state. */
const RESET = "\u001bc";

/** And one who may not write just now (public contract, close codes). */
const LEASE_HELD = { code: 4409, reason: "lease_held" };

export class PlainStream implements StreamForm {
  readonly sink: ViewerSink;

  constructor(out: StreamOut) {
    this.sink = {
      output: (_offset, bytes) => out.send(bytes),
      snapshot: (_offset, { vt }) => out.send(Buffer.from(RESET + vt)),
      gap: () => {},
      size: () => {},
      elements: () => {},
      exit: (_exit: Exit) => {},
      written: () => {},
      error: (_input, error) => {
        if (error.code === "forbidden") out.close(1008, "this viewer may only look");
        if (isOfLease(error)) out.close(LEASE_HELD.code, LEASE_HELD.reason);
      },
      detached: () => out.close(DETACHED.code, DETACHED.reason),
      ended: (reason) => out.close(reason === "session ended" ? 1000 : 1011, reason),
      bufferedBytes: () => out.bufferedBytes(),
    };
  }

  receive(viewer: Viewer, data: Buffer): void {
    viewer.input(data);
  }
}

function isOfLease({ code }: FleettyError): boolean {
  return code === "lease_held" || code === "lease_lost";
}
