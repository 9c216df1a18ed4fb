import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ring } from "@fleetty/protocol/stream/ring";
import fc from "fast-check";
import { type OutputQuery, readOutput } from "./output-range.ts";

const TEXT = "0123456789abcdefghij";

function ringOf(text: string, capacity: number): Ring {
  const ring = new Ring(capacity);
  ring.append(Buffer.from(text));
  return ring;
}

function read(ring: Ring, query: Omit<OutputQuery, "format"> = {}) {
  const { data, ...rest } = readOutput(ring, { format: "base64", ...query });
  return { ...rest, text: Buffer.from(data ?? "", "base64").toString() };
}

describe("output range", () => {
  const whole = ringOf(TEXT, 1000);

  it("without a range is everything that is kept", () => {
    assert.deepEqual(read(whole), { from: 0, to: 20, end: 20, oldest: 0, text: TEXT, next: null, gaps: [] });
  });

  it("a negative start counts from the end, and stops at the first byte ever", () => {
    assert.deepEqual(read(whole, { from: -3 }).text, "hij");
    assert.deepEqual(read(whole, { from: -3, to: 19 }).text, "hi");
    const { from, gaps } = read(whole, { from: -500 });
    assert.deepEqual([from, gaps], [0, []]);
  });

  it("ends before `to`, and at the end of what was printed", () => {
    assert.deepEqual(read(whole, { from: 4, to: 6 }).text, "45");
    const { to, next } = read(whole, { from: 18, to: 99 });
    assert.deepEqual([to, next], [20, null]);
  });

  it("says where to go on when max_bytes ends it, and nothing when the range is done", () => {
    const first = read(whole, { from: 2, to: 9, max_bytes: 4 });
    assert.deepEqual([first.text, first.to, first.next], ["2345", 6, 6]);
    const second = read(whole, { from: 6, to: 9, max_bytes: 4 });
    assert.deepEqual([second.text, second.next], ["678", null]);
  });

  it("cuts an answer to 64 KiB unless asked for more", () => {
    const large = ringOf("x".repeat(100_000), 1 << 20);
    assert.deepEqual(read(large).next, 65_536);
    assert.equal(read(large, { max_bytes: 1_048_576 }).text.length, 100_000);
  });

  it("declares what is gone", () => {
    const short = ringOf(TEXT, 5);
    const gap = { from: 3, to: 15, reason: "expired" };
    assert.deepEqual(read(short, { from: 3 }), {
      from: 15,
      to: 20,
      end: 20,
      oldest: 15,
      text: "fghij",
      next: null,
      gaps: [gap],
    });
    assert.deepEqual(read(short, { from: -17 }).gaps, [gap]);
  });

  it("of a range that is gone altogether, declares just that range", () => {
    const { from, to, text, next, gaps } = read(ringOf(TEXT, 5), { from: 3, to: 9 });
    assert.deepEqual([from, to, text, next], [9, 9, "", null]);
    assert.deepEqual(gaps, [{ from: 3, to: 9, reason: "expired" }]);
  });

  it("without a start declares no gap: it begins with the oldest byte kept", () => {
    const { from, gaps } = read(ringOf(TEXT, 5));
    assert.deepEqual([from, gaps], [15, []]);
  });

  it("a range beyond the end, or ending before it starts, is empty", () => {
    const beyond = read(whole, { from: 50 });
    assert.deepEqual([beyond.from, beyond.to, beyond.text, beyond.next, beyond.gaps], [50, 50, "", null, []]);
    const reversed = read(whole, { from: 9, to: 4 });
    assert.deepEqual([reversed.from, reversed.to, reversed.text], [9, 9, ""]);
  });

  it("raw carries the same bytes as base64", () => {
    assert.deepEqual(readOutput(whole, { format: "raw" }), readOutput(whole, { format: "base64" }));
  });

  it("answers with text unless another format is named", () => {
    const { text, ...rest } = readOutput(whole, {});
    assert.equal(text, "0123456789abcdefghij");
    const { data: _, ...positions } = readOutput(whole, { format: "base64" });
    assert.deepEqual(rest, positions);
  });

  it("as text begins behind a sequence or character that reaches into it", () => {
    const ring = ringOf("a\u001b]133;A;it=0\u0007$ \u001b[1;31mé€\u001b[0m", 1000);
    const textFrom = (from: number) => readOutput(ring, { from }).text;
    assert.deepEqual([0, 1, 2, 9, 13, 14].map(textFrom), ["a$ é€", "$ é€", "$ é€", "$ é€", "$ é€", "$ é€"]);
    assert.deepEqual([16, 17, 22, 23, 24, 25, 27].map(textFrom), ["é€", "é€", "é€", "é€", "€", "€", ""]);
  });

  it("as text, page by page, is what it is as a whole", () => {
    const piece = fc.constantFrom(
      "word",
      "\r\n",
      "é",
      "€",
      "🙂",
      "\u001b[31m",
      "\u001b]0;title\u001b\\",
      "\u001b]7;a\u0007",
      "\u001b(B",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 4, max: 9 }), (pieces, max_bytes) => {
        const ring = ringOf(pieces.join(""), 1000);
        let seen = "";
        for (let next: number | null = 0; next !== null; ) {
          const answer = readOutput(ring, { from: next, max_bytes });
          seen += answer.text;
          next = answer.next;
        }
        assert.equal(seen, readOutput(ring, {}).text);
      }),
    );
  });

  it("following `next` gives every byte of the asked range once, in order, gaps apart", () => {
    const query = fc.record({ capacity: fc.nat(40), from: fc.integer({ min: -40, max: 40 }), to: fc.nat(40) });
    fc.assert(
      fc.property(query, fc.integer({ min: 1, max: 7 }), ({ capacity, from, to }, max_bytes) => {
        const ring = ringOf(TEXT, capacity);
        const start = from < 0 ? Math.max(0, TEXT.length + from) : from;
        let seen = "";
        for (let next: number | null = start; next !== null; ) {
          const answer = read(ring, { from: next, to, max_bytes });
          seen += answer.text;
          next = answer.next;
        }
        assert.equal(seen, TEXT.slice(Math.max(start, ring.oldest), Math.max(start, to)));
      }),
    );
  });
});
