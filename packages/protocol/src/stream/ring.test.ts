import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RING_DEFAULT_BYTES, Ring } from "./ring.ts";

/** Everything readable, by following the views from the oldest byte. */
function readAll(ring: Ring): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = ring.oldest; at < ring.end; ) {
    const part = ring.read(at, 1 << 20);
    assert.ok(part && part.byteLength > 0, `bytes at ${at} are readable`);
    parts.push(part);
    at += part.byteLength;
  }
  return Buffer.concat(parts);
}

const counting = (from: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (from + index) % 251);

describe("ring", () => {
  it("holds nothing before the first byte, and one small chunk for a short session", () => {
    const ring = new Ring();
    assert.deepEqual([ring.oldest, ring.end, ring.allocatedBytes], [0, 0, 0]);
    assert.equal(ring.read(0, 10)?.byteLength, 0);
    ring.append(Buffer.from("hello"));
    assert.equal(ring.allocatedBytes, 4096);
    assert.equal(readAll(ring).toString(), "hello");
  });

  it("copies what it is given, so the caller's buffer may be used again", () => {
    const ring = new Ring();
    const shared = Buffer.from("first");
    ring.append(shared);
    shared.write("XXXXX");
    assert.equal(readAll(ring).toString(), "first");
  });

  it("keeps views as they are, whatever is printed later", () => {
    const ring = new Ring(1000);
    ring.append(counting(0, 1000));
    const view = ring.read(500, 500) as Uint8Array;
    const seen = Buffer.from(view);
    ring.append(new Uint8Array(1 << 20).fill(255));
    assert.deepEqual(Buffer.from(view), seen);
    assert.equal(ring.read(500, 500), null);
  });

  it("makes exactly the last bytes of its capacity readable, and says null for the byte before", () => {
    const ring = new Ring(100_000);
    for (let at = 0; at < 1_000_000; at += 777) ring.append(counting(at, 777));
    assert.equal(ring.end - ring.oldest, 100_000);
    assert.equal(ring.read(ring.oldest - 1, 10), null);
    assert.deepEqual(readAll(ring), Buffer.from(counting(ring.oldest, 100_000)));
  });

  it("holds at most its largest chunk and a little more than its capacity", () => {
    const ring = new Ring();
    const piece = new Uint8Array(4096);
    let most = 0;
    for (let at = 0; at < 20 * RING_DEFAULT_BYTES; at += piece.byteLength) {
      ring.append(piece);
      most = Math.max(most, ring.allocatedBytes);
    }
    assert.ok(most <= RING_DEFAULT_BYTES + 2 * 64 * 1024, `held ${most} bytes`);
  });

  it("takes a piece larger than itself", () => {
    const ring = new Ring(10);
    ring.append(counting(0, 500_000));
    assert.deepEqual([ring.oldest, ring.end], [499_990, 500_000]);
    assert.deepEqual(readAll(ring), Buffer.from(counting(499_990, 10)));
  });

  it("with no capacity counts and keeps nothing readable", () => {
    const ring = new Ring(0);
    ring.append(counting(0, 10_000));
    assert.deepEqual([ring.oldest, ring.end], [10_000, 10_000]);
    assert.equal(ring.read(9_999, 1), null);
  });

  it("agrees with an array of all bytes, for any capacity, pieces and reads", () => {
    const pieces = fc.array(fc.nat(9000), { maxLength: 60 });
    const reads = fc.array(fc.record({ back: fc.nat(70_000), maxBytes: fc.integer({ min: 1, max: 9000 }) }));
    fc.assert(
      fc.property(fc.nat(50_000), pieces, reads, (capacity, lengths, asked) => {
        const ring = new Ring(capacity);
        for (const length of lengths) ring.append(counting(ring.end, length));
        const end = lengths.reduce((sum, length) => sum + length, 0);
        const oldest = Math.max(0, end - capacity);
        assert.deepEqual([ring.oldest, ring.end], [oldest, end]);
        assert.deepEqual(readAll(ring), Buffer.from(counting(oldest, end - oldest)));
        for (const { back, maxBytes } of asked) {
          const from = Math.max(0, end - back);
          const view = ring.read(from, maxBytes);
          if (from < oldest) assert.equal(view, null);
          else {
            assert.ok(view && view.byteLength <= maxBytes && (view.byteLength > 0 || from === end));
            assert.deepEqual(Buffer.from(view), Buffer.from(counting(from, view.byteLength)));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
