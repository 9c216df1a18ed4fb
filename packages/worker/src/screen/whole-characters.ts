// Turns a byte stream into pieces of whole characters in valid UTF-8. The core's own decoder drops what is not UTF-8 and
// mistakes some characters that are cut by a chunk's border (E2 80 | 94); given such pieces it does neither. Valid
// input, the hot path, passes uncopied.
import { isUtf8 } from "node:buffer";
import { unfinishedBytes } from "../output/character-bytes.ts";

const NOTHING = new Uint8Array();
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Cuts a byte stream between characters: what begins a character and may go on waits for the next chunk. */
export class CharacterBorder {
  #held = NOTHING;

  /** Bytes that wait for the rest of their character: 0 to 3. */
  get heldBytes(): number {
    return this.#held.byteLength;
  }

  /** What was held and `bytes`, up to the last border. A view of `bytes` when nothing was held. */
  take(bytes: Uint8Array): Uint8Array {
    const joined = this.#held.byteLength === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const border = joined.byteLength - unfinishedBytes(joined);
    this.#held = border === joined.byteLength ? NOTHING : new Uint8Array(joined.subarray(border));
    return joined.subarray(0, border);
  }
}

/** The same text in valid UTF-8: each longest wrong sequence becomes U+FFFD (Unicode 3.9), up to three times as long. */
export function repairUtf8(bytes: Uint8Array): Uint8Array {
  return isUtf8(bytes) ? bytes : encoder.encode(decoder.decode(bytes));
}
