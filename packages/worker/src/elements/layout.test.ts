// Which panels are shown, and what is left to the program: by examples, and for any panels and any height.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Panel } from "./element.ts";
import { layOut } from "./layout.ts";

function panels(...asked: readonly [height: number, z: number][]): Panel[] {
  const rest = { position: "top", mode: "normal", isFocusable: false, background: undefined } as const;
  return asked.map(([height, z], at) => ({ ...rest, id: `${at}`, height, z, spans: [], writes: [] }));
}

function shown(asked: readonly Panel[], rows: number): [string, number] {
  const layout = layOut(asked, rows);
  return [[...layout.visible].sort().join(""), layout.rows];
}

describe("the layout of panels", () => {
  it("gives the highest their rows first, and those of one height the older first", () => {
    assert.deepEqual(shown(panels([2, 0], [3, 0]), 24), ["01", 19]);
    assert.deepEqual(shown(panels([5, 0], [5, 1]), 10), ["1", 5]);
    assert.deepEqual(shown(panels([5, 1], [5, 1]), 10), ["0", 5]);
  });

  it("hides one that is too high, and shows a lower one that has room", () => {
    assert.deepEqual(shown(panels([1, 0], [24, 9], [3, 5]), 24), ["02", 20]);
    assert.deepEqual(shown(panels([1, 0]), 1), ["", 1]);
    assert.deepEqual(shown(panels([0, 0]), 1), ["0", 1]);
  });

  it("leaves the program at least one row, shares out all rows, and hides none that has room", () => {
    const asked = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -3, max: 3 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: 80 }), (made, outer) => {
        const all = panels(...made);
        const { visible, rows } = layOut(all, outer);
        const taken = all.filter(({ id }) => visible.has(id)).reduce((sum, { height }) => sum + height, 0);
        assert.ok(rows >= 1);
        assert.equal(taken + rows, outer);
        for (const { id, height } of all) if (!visible.has(id)) assert.ok(rows - height < 1, `${id} has room`);
      }),
    );
  });
});
