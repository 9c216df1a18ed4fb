// Holds a shared frame to those who are sent the same bytes of the same session.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeBinary } from "@fleetty/protocol/link";
import { Ring } from "@fleetty/protocol/stream/ring";
import { SharedFrames } from "./shared-frames.ts";

function ringOf(text: string): Ring {
  const ring = new Ring(1024, 100);
  ring.append(Buffer.from(text));
  return ring;
}

const at = (ring: Ring, from: number, bytes = 64) => [from, ring.read(from, bytes) as Uint8Array] as const;

function said(frame: Uint8Array): string {
  const read = decodeBinary(frame);
  return `${read?.type} ${read?.offset} ${Buffer.from(read?.payload ?? []).toString()}`;
}

describe("a frame of output", () => {
  it("is written once for all who are at the same place, and again for whoever is not", () => {
    const [ring, frames] = [ringOf("abc"), new SharedFrames()];
    const frame = frames.output(...at(ring, 100));
    assert.equal(frames.output(...at(ring, 100)), frame);
    assert.equal(said(frame), "output 100 abc");
    assert.equal(said(frames.output(...at(ring, 101))), "output 101 bc");
    assert.equal(said(frames.output(...at(ring, 100, 2))), "output 100 ab");
    ring.append(Buffer.from("d"));
    assert.equal(said(frames.output(...at(ring, 100))), "output 100 abcd");
    assert.equal(said(frame), "output 100 abc");
  });

  it("is not that of another session at the same offset", () => {
    const frames = new SharedFrames();
    frames.output(...at(ringOf("abc"), 100));
    assert.equal(said(frames.output(...at(ringOf("xyz"), 100))), "output 100 xyz");
  });

  it("is not that of another offset with the same bytes", () => {
    const [ring, frames] = [ringOf("abc"), new SharedFrames()];
    const bytes = ring.read(100, 64) as Uint8Array;
    frames.output(100, bytes);
    assert.equal(said(frames.output(200, bytes)), "output 200 abc");
  });
});
