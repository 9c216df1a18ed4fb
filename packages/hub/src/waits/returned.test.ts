// What a cursor stands for: what was returned on the way to it, whatever else was returned under others.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CURSORS_MAX, ReturnedCursors, type ReturnedEntry } from "./returned.ts";

const entry = (id: string, generation: number): ReturnedEntry => ({ id, generation, hasEnded: false });
const known = () => true;

describe("the cursors of a record", () => {
  it("are not altered by what is returned after them", () => {
    const cursors = new ReturnedCursors(0);
    const first = cursors.at(0);
    assert.ok(first);
    const one = cursors.add(first, entry("a", 1), known);
    const lost = cursors.add(one, entry("b", 2), known);
    const repeated = cursors.add(one, entry("c", 3), known);
    assert.deepEqual([...first.all.keys()], []);
    assert.deepEqual([...one.all.keys()], ["a"]);
    assert.deepEqual([...lost.all.keys()], ["a", "b"]);
    assert.deepEqual([...repeated.all.keys()], ["a", "c"]);
    assert.deepEqual([one.number, lost.number, repeated.number], [1, 2, 3]);
  });

  it("stand for the last of what each session was returned with, along any way through the tree", () => {
    const steps = fc.array(fc.tuple(fc.nat(200), fc.constantFrom("a", "b", "c", "d"), fc.nat(9)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (moves) => {
        const cursors = new ReturnedCursors(0);
        const expected = [new Map<string, number>()];
        for (const [from, id, generation] of moves) {
          const at = from % expected.length;
          const parent = cursors.at(at);
          assert.ok(parent);
          cursors.add(parent, entry(id, generation), known);
          expected.push(new Map(expected[at]).set(id, generation));
        }
        for (const [number, wanted] of expected.entries()) {
          const all = [...(cursors.at(number)?.all ?? [])].map(([id, { generation }]) => [id, generation] as const);
          assert.deepEqual(new Map(all), wanted);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("forget sessions that are known no more, and themselves when there are too many", () => {
    const cursors = new ReturnedCursors(0);
    let at = cursors.at(0);
    for (let number = 1; number <= CURSORS_MAX; number += 1) {
      assert.ok(at);
      at = cursors.add(at, entry(`s${number}`, 1), (id) => id === "s1" || number - Number(id.slice(1)) < 10);
    }
    assert.ok(at && at.all.size < 100 && at.all.has("s1"), `${at?.all.size}`);
    assert.deepEqual([cursors.at(0), cursors.at(1)?.number, cursors.last], [null, 1, CURSORS_MAX]);
  });
});
