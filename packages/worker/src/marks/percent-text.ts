// Decodes what shells encode: UTF-8 with some bytes as %XX. Shells cut long texts anywhere, so a half escape or character
// at the end is left out rather than refused. Pure.

const PERCENT = 0x25;
const TAIL = /^[0-9A-Fa-f]{0,1}$/;
const HEX = /^[0-9A-Fa-f]{2}$/;

/** A `%` that begins no escape stays one. */
export function percentDecoded(encoded: Buffer): string {
  const bytes = Buffer.alloc(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at += 1) {
    const code = encoded[at] === PERCENT ? encoded.toString("latin1", at + 1, at + 3) : "";
    if (encoded[at] === PERCENT && TAIL.test(code) && at + 3 > encoded.length) break;
    const isEscape = HEX.test(code);
    bytes[length] = isEscape ? Number.parseInt(code, 16) : (encoded[at] as number);
    length += 1;
    if (isEscape) at += 2;
  }
  // A stream decoder keeps an unfinished character back.
  return new TextDecoder().decode(bytes.subarray(0, length), { stream: true });
}
