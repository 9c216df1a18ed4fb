// Writes the frame of a piece of output once for all viewers that are sent it one after the other: a thousand of them are at
// the same place of one ring. Knows no viewer; it remembers the last frame alone.
import { encodeBinary } from "@fleetty/protocol/link";

/** The channel of a raw stream, which carries nothing else (public contract, fleetty.stream.v1). */
export const CHANNEL = 0;

interface Written {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly frame: Uint8Array;
}

export class SharedFrames {
  #last: Written | null = null;

  /** `bytes` are a view that stays as it is, as those of a ring do; the frame is not to be changed either. */
  output(offset: number, bytes: Uint8Array): Uint8Array {
    const last = this.#last;
    if (last?.offset === offset && isSame(last.bytes, bytes)) return last.frame;
    const frame = encodeBinary({ type: "output", flags: 0, channel: CHANNEL, offset, payload: bytes });
    this.#last = { offset, bytes, frame };
    return frame;
  }
}

/** Whether both are the same place in memory. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.byteLength === other.byteLength;
}
