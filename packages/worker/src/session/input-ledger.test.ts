// Holds the ledger to its promise: each number is written once and in order, and what was cut short is never typed again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { InputLedger } from "./input-ledger.ts";

describe("the ledger of inputs", () => {
  it("writes each number once and in order, whatever is sent again", () => {
    const sent = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 200 });
    fc.assert(
      fc.property(sent, (numbers) => {
        const ledger = new InputLedger();
        const written = numbers.filter((number) => ledger.take("a", number) === "write");
        assert.deepEqual(
          written,
          Array.from({ length: written.length }, (_, index) => index + 1),
        );
        assert.equal(ledger.next("a"), written.length + 1);
      }),
    );
  });

  it("counts for each client by itself", () => {
    const ledger = new InputLedger();
    assert.deepEqual([ledger.take("a", 1), ledger.take("b", 1), ledger.take("a", 1)], ["write", "write", "duplicate"]);
    assert.deepEqual([ledger.take("a", 3), ledger.next("a"), ledger.next("c")], ["hole", 2, 1]);
  });

  it("says of what was cut short that it failed, however often it is sent", () => {
    const ledger = new InputLedger();
    ledger.take("a", 1);
    ledger.failed("a", 1);
    assert.deepEqual([ledger.take("a", 1), ledger.take("a", 1), ledger.take("a", 2)], ["failed", "failed", "write"]);
  });

  it("forgets the client that typed longest ago when there are too many", () => {
    const ledger = new InputLedger();
    ledger.take("old", 1);
    ledger.take("busy", 1);
    for (let index = 0; index < 1022; index += 1) ledger.take(`client ${index}`, 1);
    ledger.take("busy", 2);
    ledger.take("one too many", 1);
    assert.deepEqual([ledger.next("old"), ledger.next("busy")], [1, 3]);
  });
});
