// Holds the ledger to its promise: each number is written once and in order, and what was cut short is never typed again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import fc from "fast-check";
import { InputLedger } from "./input-ledger.ts";

const CLIENTS_MAX = 1024;
const failure = new FleettyError("input_send_failed", "cut short");

describe("the ledger of inputs", () => {
  it("writes each number once, from 1, and in order", () => {
    const ledger = new InputLedger();
    const verdicts = [1, 1, 2, 1, 2, 3].map((number) => ledger.take("tab", number));
    assert.deepEqual(verdicts, ["write", "duplicate", "write", "duplicate", "duplicate", "write"]);
    assert.equal(ledger.next("tab"), 4);
  });

  it("calls a number that is ahead a hole, changes nothing, and takes the missing one", () => {
    const ledger = new InputLedger();
    assert.deepEqual([ledger.take("tab", 2), ledger.take("tab", 3), ledger.next("tab")], ["hole", "hole", 1]);
    assert.deepEqual([ledger.take("tab", 1), ledger.take("tab", 2)], ["write", "write"]);
    assert.equal(ledger.take("tab", 4), "hole");
  });

  it("counts for each client by itself", () => {
    const ledger = new InputLedger();
    assert.deepEqual(
      [ledger.take("tab", 1), ledger.take("cli", 1), ledger.take("cli", 2)],
      ["write", "write", "write"],
    );
    assert.deepEqual([ledger.next("tab"), ledger.next("cli"), ledger.next("new")], [2, 3, 1]);
  });

  it("takes what was never a number of an input as sent before, or as a hole", () => {
    const ledger = new InputLedger();
    assert.deepEqual(
      [0, -1, Number.MAX_SAFE_INTEGER].map((number) => ledger.take("tab", number)),
      ["duplicate", "duplicate", "hole"],
    );
    assert.equal(ledger.next("tab"), 1);
  });

  it("writes 1, 2, 3 … whatever a client sends again, early or out of order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { size: "max", maxLength: 200 }), (sent) => {
        const ledger = new InputLedger();
        const written = sent.filter((number) => ledger.take("tab", number) === "write");
        assert.deepEqual(
          written,
          written.map((_, index) => index + 1),
        );
        assert.equal(ledger.next("tab"), written.length + 1);
      }),
    );
  });

  it("says of what was cut short that it failed, however often it is sent", () => {
    const ledger = new InputLedger();
    ledger.take("tab", 1);
    ledger.failed("tab", 1, failure);
    assert.deepEqual(
      [1, 1, 2, 2].map((number) => ledger.take("tab", number)),
      ["failed", "failed", "write", "duplicate"],
    );
    ledger.failed("nobody", 1, failure);
    assert.deepEqual([ledger.failureOf("tab", 1), ledger.failureOf("tab", 2)], [failure, undefined]);
    assert.equal(ledger.next("nobody"), 1);
  });

  it("remembers the newest 64 failures of a client", () => {
    const ledger = new InputLedger();
    for (let number = 1; number <= 65; number += 1) {
      ledger.take("tab", number);
      ledger.failed("tab", number, failure);
    }
    assert.deepEqual(
      [1, 2, 65].map((number) => ledger.take("tab", number)),
      ["duplicate", "failed", "failed"],
    );
  });

  it("remembers a bounded number of clients and forgets the one that typed longest ago", () => {
    const ledger = new InputLedger();
    for (let n = 0; n < CLIENTS_MAX; n += 1) ledger.take(`client ${n}`, 1);
    ledger.take("client 0", 2);
    ledger.take("one more", 1);
    assert.equal(ledger.next("client 0"), 3, "it typed again");
    assert.equal(ledger.next("client 1"), 1, "forgotten");
    assert.equal(ledger.next("client 2"), 2);
    assert.equal(ledger.take("client 1", 2), "hole", "who was forgotten is told, never written in part");
  });

  it("does not keep clients for being asked about, nor for what was not written", () => {
    const ledger = new InputLedger();
    ledger.take("first", 1);
    for (let n = 0; n < 2 * CLIENTS_MAX; n += 1) {
      ledger.next(`client ${n}`);
      ledger.take(`client ${n}`, 5);
    }
    assert.equal(ledger.take("first", 1), "duplicate");
  });

  it("remembers where an input was typed, and of one long ago an earlier place", () => {
    const ledger = new InputLedger();
    assert.equal(ledger.placeOf("tab", 1), null);
    const place = (number: number) => ({ generation: number, offset: number * 10 });
    for (let number = 1; number <= 1000; number += 1) {
      ledger.take("tab", number);
      ledger.typed("tab", number, place(number));
    }
    assert.deepEqual([ledger.placeOf("tab", 1000), ledger.placeOf("tab", 900)], [place(1000), place(900)]);
    assert.deepEqual(ledger.placeOf("tab", 500), place(1));
    assert.equal(ledger.placeOf("other", 1), null);
  });
});
