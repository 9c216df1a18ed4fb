// Where characters of UTF-8 begin and end among bytes (RFC 3629), of which nothing is decoded. Pure.

export const CHARACTER_MAX_BYTES = 4;

/** Whether it goes on with a character that has begun. */
export function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Length of the character that begins at the end of `bytes` and is not whole; 0 for none. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back < CHARACTER_MAX_BYTES && back <= bytes.byteLength; back += 1) {
    const byte = bytes[bytes.byteLength - back] as number;
    if (!isContinuation(byte)) return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

/** By its first byte; 1 for one that begins none. */
function lengthOf(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
