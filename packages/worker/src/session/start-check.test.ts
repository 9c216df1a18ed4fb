// Holds the last words of programs that end as soon as they are started to what is worth telling.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ring } from "@fleetty/protocol/stream/ring";
import { lastWords } from "./start-check.ts";

function printed(text: string): Ring {
  const ring = new Ring(1024 * 1024);
  ring.append(Buffer.from(text));
  return ring;
}

describe("the last words of a program", () => {
  it("are its text, without escape sequences, when it ended within a second", () => {
    const ring = printed("\x1b[31merror:\x1b[m no such file\r\n");
    assert.equal(lastWords(ring, 0), "error: no such file\n");
    assert.equal(lastWords(ring, 1_000), "error: no such file\n");
    assert.equal(lastWords(ring, 1_001), undefined);
  });

  it("are none when it said nothing", () => {
    assert.equal(lastWords(printed(""), 10), undefined);
    assert.equal(lastWords(printed("\x1b[2J"), 10), undefined);
  });

  it("are 4 KiB at most, of the end, and whole characters", () => {
    const words = lastWords(printed(`first\r\n${"ü".repeat(5_000)}x`), 10) ?? "";
    assert.equal(words, `${"ü".repeat(2_047)}x`);
    assert.ok(Buffer.byteLength(words) <= 4_096);
    assert.equal(lastWords(printed("y".repeat(4_096)), 10), "y".repeat(4_096));
  });
});
