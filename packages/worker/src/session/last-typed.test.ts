// Whether a line may hold what was typed last.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ring } from "@fleetty/protocol/stream/ring";
import { LastTyped } from "./last-typed.ts";

describe("what was typed last", () => {
  const cases: [string, string, string, boolean][] = [
    ["stands in no line when nothing was typed", "", "name? ", false],
    ["stands in its line until that ends", "ada", "ada", true],
    ["stands in no line after the one that Enter ended", "ada\r", "ada\r\nage? ", false],
    ["may stand in the line before its echo comes", "ada\r", "", true],
    ["stands in a line of its own behind the lines that it had", "one\ntwo", "one\r\ntwo", true],
    ["stands in no line once that has ended too", "one\ntwo", "one\r\ntwo\r\nthree? ", false],
  ];
  for (const [sentence, typed, printed, stands] of cases) {
    it(sentence, () => {
      const ring = new Ring(1024);
      ring.append(Buffer.from("before\r\n"));
      const last = new LastTyped();
      if (typed !== "") last.typed(Buffer.from(typed), ring.end);
      ring.append(Buffer.from(printed));
      assert.equal(last.mayStandIn(ring), stands);
    });
  }

  it("is long ago when much has been printed since", () => {
    const ring = new Ring(1024 * 1024);
    const last = new LastTyped();
    last.typed(Buffer.from("x"), 0);
    ring.append(Buffer.alloc(100_000, "y"));
    assert.equal(last.mayStandIn(ring), false);
  });
});
