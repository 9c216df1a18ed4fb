// Holds long answers to their turns: others work between their slices, few are written at once, and none for nobody.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gone } from "@fleetty/protocol/gone";
import { PreparedJson } from "@fleetty/protocol/link";
import { type Reading, Readings } from "./readings.ts";
import { Turns } from "./turns.ts";

/** An answer of so many slices, that notes what becomes of it. */
function sliced(slices: number, told: string[], name = "answer"): Reading {
  let left = slices;
  return {
    read: () => {
      told.push(name);
      left -= 1;
      return left > 0;
    },
    answer: PreparedJson.of(name),
    stop: () => told.push(`${name} stopped`),
  };
}

describe("a long answer", () => {
  it("is written in slices, between which others have their turn", async () => {
    const turns = new Turns();
    const told: string[] = [];
    const written = new Readings(turns).write(() => sliced(3, told), new Gone());
    let others = 3;
    turns.add({
      turn: () => {
        told.push("other");
        others -= 1;
        return others > 0;
      },
    });
    assert.equal((await written).text, '"answer"');
    assert.deepEqual(told.slice(0, 5), ["answer", "answer", "other", "answer", "other"]);
  });

  it("that is short is there at once", async () => {
    const told: string[] = [];
    const written = new Readings(new Turns()).write(() => sliced(1, told), new Gone());
    assert.deepEqual(told, ["answer"]);
    assert.equal((await written).text, '"answer"');
  });

  it("begins when one of eight others has been written, also when that was in vain", async () => {
    const readings = new Readings(new Turns());
    const told: string[] = [];
    const [gone, others] = [new Gone(), new Gone()];
    const eight = Array.from({ length: 8 }, (_, at) =>
      readings.write(() => sliced(1_000_000, told, `${at}`), at === 0 ? gone : others),
    );
    for (const one of eight) one.catch(() => {});
    const ninth = readings.write(() => sliced(1, told, "ninth"), new Gone());
    assert.equal(told.includes("ninth"), false);
    gone.went();
    await assert.rejects(eight[0] as Promise<unknown>, { code: "cancelled" });
    assert.equal((await ninth).text, '"ninth"');
    assert.ok(told.includes("0 stopped"));
    others.went();
    await Promise.allSettled(eight);
  });

  it("that cannot be written is refused, and keeps nobody's place", async () => {
    const readings = new Readings(new Turns());
    for (let i = 0; i < 9; i += 1) {
      const broken = readings.write(() => ({ ...sliced(1, []), read: () => assert.fail("broken") }), new Gone());
      await assert.rejects(broken, { message: "broken" });
      const never = readings.write(() => assert.fail("no such session"), new Gone());
      await assert.rejects(never, { message: "no such session" });
    }
    assert.equal((await readings.write(() => sliced(1, []), new Gone())).text, '"answer"');
  });
});
