import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeBinary, decodeSnapshot, encodeBinary, encodeSnapshot } from "./binary-frames.ts";
import { MalformedFrame } from "./text-frames.ts";

describe("a binary frame", () => {
  it("has the published layout", () => {
    const frame = encodeBinary({ type: "output", flags: 0, channel: 9, offset: 65_536, payload: Buffer.from("ready") });
    assert.equal(Buffer.from(frame).toString("hex"), "0100000000000009000000000001000072656164" + "79");
  });

  it("comes back as it went, above 32 bits too", () => {
    const sent = {
      type: "input",
      flags: 1,
      channel: 0xffff_ffff,
      offset: 2 ** 53 - 1,
      payload: new Uint8Array([0, 255]),
    } as const;
    assert.deepEqual(decodeBinary(encodeBinary(sent)), sent);
  });

  it("is refused with an offset that a number cannot hold, and ignored with an unknown type", () => {
    const bytes = encodeBinary({ type: "output", flags: 0, channel: 1, offset: 0, payload: new Uint8Array() });
    assert.equal(decodeBinary(bytes.with(0, 77)), null);
    assert.throws(() => decodeBinary(bytes.with(8, 0xff)), MalformedFrame);
  });
});

describe("a snapshot", () => {
  it("keeps size, buffer and text", () => {
    const snapshot = { cols: 300, rows: 2, alternate: true, vt: "\u001b[31mä" };
    assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot)), snapshot);
    assert.throws(() => decodeSnapshot(new Uint8Array(4)), MalformedFrame);
  });
});
