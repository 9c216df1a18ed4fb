import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Flush } from "./flush.ts";

/** Output of a session: how many bytes each flush sent. */
class Output {
  readonly sent: number[] = [];
  readonly #flush: Flush;
  #unsent = 0;

  constructor(flush: Flush) {
    this.#flush = flush;
  }

  comes(bytes: number): void {
    this.#unsent += bytes;
    this.#flush.add(this, bytes);
  }

  readonly streams = {
    pump: () => {
      this.sent.push(this.#unsent);
      this.#unsent = 0;
    },
  };
}

const READ_BYTES = 4095;

describe("output", () => {
  let nowMs = 0;
  const flush = new Flush(() => nowMs);
  const later = (ms: number) => {
    nowMs += ms;
  };

  it("is sent at once after a pause, however much it is", () => {
    const session = new Output(flush);
    session.comes(READ_BYTES);
    later(1);
    session.comes(READ_BYTES);
    assert.deepEqual(session.sent, [READ_BYTES, READ_BYTES]);
  });

  it("is sent at once while little comes, piece by piece", () => {
    const session = new Output(flush);
    for (let key = 0; key < 20; key += 1) {
      session.comes(2);
      later(0.2);
    }
    assert.equal(session.sent.length, 20);
  });

  it("of a flood is gathered until its moment is over, and loses nothing", async () => {
    const session = new Output(flush);
    for (let read = 0; read < 10; read += 1) session.comes(READ_BYTES);
    await turn();
    assert.deepEqual(session.sent, [READ_BYTES]);
    later(1);
    await turn();
    assert.deepEqual(session.sent, [READ_BYTES, 9 * READ_BYTES]);
  });

  it("in endless small pieces is gathered too", async () => {
    const session = new Output(flush);
    for (let piece = 0; piece < 100; piece += 1) session.comes(1);
    assert.ok(session.sent.length < 10, `${session.sent.length} frames`);
    later(1);
    await turn();
    assert.equal(
      session.sent.reduce((sum, bytes) => sum + bytes),
      100,
    );
  });

  it("of one session in flood delays no other's echo", () => {
    const [flooding, echoing] = [new Output(flush), new Output(flush)];
    for (let read = 0; read < 10; read += 1) flooding.comes(READ_BYTES);
    echoing.comes(1);
    assert.deepEqual(echoing.sent, [1]);
  });

  it("of a session that is removed is not sent any more", async () => {
    const session = new Output(flush);
    session.comes(READ_BYTES);
    session.comes(READ_BYTES);
    flush.remove(session);
    later(1);
    await turn();
    assert.deepEqual(session.sent, [READ_BYTES]);
  });
});
