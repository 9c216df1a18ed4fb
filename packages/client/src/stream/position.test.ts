import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { WatchItem } from "./items.ts";
import { StreamPosition } from "./position.ts";

const log = Uint8Array.from({ length: 300 }, (_, at) => at % 251);
const screen = { cols: 80, rows: 24, alternate: false, vt: "" };

/** One frame of a stream that may be repeated from anywhere, as after lost connections. */
const frame = fc.oneof(
  fc.record({ type: fc.constant("output" as const), from: fc.nat(299), length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ type: fc.constant("gap" as const), from: fc.nat(299), length: fc.integer({ min: 1, max: 60 }) }),
);

function feed(
  position: StreamPosition,
  { type, from, length }: { type: "output" | "gap"; from: number; length: number },
) {
  const to = Math.min(log.length, from + length);
  return type === "output" ? position.output(from, log.subarray(from, to)) : position.gap(from, to, "skipped");
}

describe("a position in a stream", () => {
  it("hands out each byte once and in order, or names it in a gap, whatever is repeated", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 60 }), (frames) => {
        const position = new StreamPosition(0);
        let next = 0;
        for (const item of frames.flatMap((one) => feed(position, one) as WatchItem[])) {
          if (item.type === "output") {
            assert.equal(item.offset, next);
            assert.deepEqual(item.bytes, log.subarray(next, next + item.bytes.byteLength));
            next += item.bytes.byteLength;
          } else if (item.type === "gap") {
            assert.equal(item.from, next);
            next = item.to;
          }
        }
        assert.equal(position.next, next);
      }),
    );
  });

  it("goes on from a snapshot, after naming what it skips", () => {
    const position = new StreamPosition(10);
    assert.deepEqual(position.snapshot(30, screen), [
      { type: "gap", from: 10, to: 30, reason: "skipped" },
      { type: "snapshot", offset: 30, ...screen },
    ]);
    assert.deepEqual(position.output(20, log.subarray(20, 40)), [
      { type: "output", offset: 30, bytes: log.subarray(30, 40) },
    ]);
  });

  it("begins where a snapshot that lies behind it says, as the bytes after it are needed again", () => {
    const position = new StreamPosition(10);
    assert.equal(position.snapshot(5, screen).length, 1);
    assert.equal(position.next, 5);
  });

  it("begins with the first output when nothing else says where", () => {
    const position = new StreamPosition(undefined);
    assert.equal(position.output(100, log.subarray(0, 5))[0]?.type, "output");
    assert.equal(position.next, 105);
  });
});
