import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { OutputSender } from "./output-sender.ts";
import { Ring } from "./ring.ts";

/** A consumer with a socket that holds what it is sent until it is told to drain. */
function consumer(ring: Ring, options: { from?: number; window?: number | null } = {}) {
  const frames: { offset: number; bytes: Buffer }[] = [];
  const gaps: [number, number][] = [];
  const told = { behind: 0, heldBack: 0, finished: -1, buffered: 0 };
  const sender: OutputSender = new OutputSender({
    source: ring,
    from: options.from ?? 0,
    window: options.window === undefined ? null : options.window,
    sink: {
      output: (offset, bytes) => {
        frames.push({ offset, bytes: Buffer.from(bytes) });
        told.buffered += bytes.byteLength;
      },
      gap: (from, to) => gaps.push([from, to]),
      bufferedBytes: () => told.buffered,
      behind: () => {
        told.behind += 1;
      },
      heldBack: () => {
        told.heldBack += 1;
      },
      finished: (offset) => {
        told.finished = offset;
      },
    },
  });
  return { sender, frames, gaps, told, text: () => Buffer.concat(frames.map((frame) => frame.bytes)).toString() };
}

describe("a sender of output", () => {
  it("sends what is there, then what comes, then says that it is finished", () => {
    const ring = new Ring(1024);
    const { sender, text, told } = consumer(ring);
    ring.append(Buffer.from("one "));
    sender.pump();
    ring.append(Buffer.from("two"));
    sender.finish();
    assert.equal(text(), "one two");
    assert.equal(told.finished, 7);
  });

  it("stops at the credit and goes on with more, whatever is repeated", () => {
    const ring = new Ring(1024);
    const { sender, text } = consumer(ring, { window: 4 });
    ring.append(Buffer.from("abcdefgh"));
    sender.pump();
    assert.equal(text(), "abcd");
    sender.credit(0);
    sender.credit(2);
    sender.credit(1);
    assert.equal(text(), "abcdef");
  });

  it("keeps a character whole across pieces, and sends half of one only when it was told to wait no longer", () => {
    const ring = new Ring(1024);
    const { sender, frames, told } = consumer(ring);
    ring.append(Buffer.from([0x61, 0xc3]));
    sender.pump();
    assert.deepEqual([frames.length, told.heldBack], [1, 1]);
    ring.append(Buffer.from([0xa4, 0xf0, 0x9f]));
    sender.pump();
    sender.pump(true);
    assert.deepEqual(
      frames.map((frame) => frame.bytes.toString("hex")),
      ["61", "c3a4", "f09f"],
    );
  });

  it("declares what it skips when it has fallen behind, and goes on from the picture", () => {
    const ring = new Ring(8);
    const { sender, gaps, told, text } = consumer(ring);
    ring.append(Buffer.from("0123456789abcdef"));
    sender.pump();
    assert.equal(told.behind, 1);
    sender.pump();
    assert.equal(told.behind, 1, "asked once");
    sender.repaint(12, () => {});
    assert.deepEqual(gaps, [[0, 12]]);
    assert.equal(text(), "cdef");
  });

  it("delivers each byte once, in order, or within a declared gap, whatever the mix of output, credit, drain and loss", () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant("print" as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({ do: fc.constantFrom("credit" as const, "drain" as const, "repaint" as const, "wait" as const) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 64 }), (acts, window) => {
        const ring = new Ring(32);
        const printed: number[] = [];
        const { sender, frames, gaps, told } = consumer(ring, { window });
        for (const one of acts) {
          if (one.do === "print") {
            ring.append(one.bytes);
            printed.push(...one.bytes);
            sender.pump();
          } else if (one.do === "credit") sender.credit(sender.position);
          else if (one.do === "drain") told.buffered = 0;
          else if (one.do === "wait") sender.pump(true);
          else if (sender.isBehind) sender.repaint(ring.end, () => {});
        }
        let at = 0;
        const skipped = new Map(gaps);
        for (const { offset, bytes } of frames) {
          while (at < offset) at = skipped.get(at) ?? assert.fail(`undeclared loss at ${at}`);
          assert.equal(at, offset);
          assert.deepEqual([...bytes], printed.slice(offset, offset + bytes.byteLength));
          at += bytes.byteLength;
        }
      }),
    );
  });
});
