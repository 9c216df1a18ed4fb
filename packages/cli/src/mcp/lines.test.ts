// Messages come in pieces of any size, and each is read once, whole.
import assert from "node:assert/strict";
import { it } from "node:test";
import { boundedLines } from "./lines.ts";

async function linesOf(chunks: readonly string[], maxBytes = 8): Promise<(string | null)[]> {
  async function* input() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: (string | null)[] = [];
  for await (const line of boundedLines(input(), maxBytes)) lines.push(line);
  return lines;
}

it("cuts lines wherever chunks begin, and takes the last one without its end", async () => {
  assert.deepEqual(await linesOf(["a\nb", "b\r\n\nc", "c"]), ["a", "bb", "", "cc"]);
  assert.deepEqual(await linesOf([]), []);
});

it("lets a line go that is too long, however it comes, and goes on with the next", async () => {
  assert.deepEqual(await linesOf(["123456789\n12345678\n"]), [null, "12345678"]);
  assert.deepEqual(await linesOf(["12345", "6789", "0\nok\n", "123456789"]), [null, "ok", null]);
});
