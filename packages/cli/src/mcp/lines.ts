// Cuts what comes over a pipe into lines, each within its bound: what is longer is let go, and told. Knows no message.

/** Yields each line without its end, and null for one that was too long. */
export async function* boundedLines(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string | null, void> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      bytes += end - from;
      yield bytes > maxBytes ? null : lineOf([...pieces, chunk.subarray(from, end)]);
      pieces = [];
      bytes = 0;
      from = end + 1;
    }
    bytes += chunk.byteLength - from;
    if (bytes <= maxBytes) pieces.push(chunk.subarray(from));
    else pieces = [];
  }
  if (bytes > 0) yield bytes > maxBytes ? null : lineOf(pieces);
}

const LINE_FEED = 0x0a;

function lineOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString("utf8").replace(/\r$/, "");
}
