// When a program hears of another size: once for each change that gives it other rows or columns, and of no other.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Size } from "./size.ts";
import { TerminalSize } from "./terminal-size.ts";

it("a program hears once of each size that is another, after what it printed before has been taken", () => {
  let taken = 0;
  let onSettled = () => {};
  const told: (Size & { readonly settled: number })[] = [];
  let settled = 0;
  const size: TerminalSize = new TerminalSize(
    { cols: 80, rows: 24 },
    {
      rows: () => size.outer.rows - taken,
      settle: () => {
        settled += 1;
        onSettled();
      },
      resize: (to) => told.push({ ...to, settled }),
    },
  );
  size.fit();
  assert.equal(size.ask({ cols: 80, rows: 24 }), false);
  assert.deepEqual([told, settled], [[], 0]);
  taken = 2;
  size.fit();
  size.fit();
  assert.equal(size.ask({ cols: 100, rows: 24 }), true);
  taken = 5;
  size.ask({ cols: 100, rows: 27 });
  assert.deepEqual(size.outer, { cols: 100, rows: 27 });
  // What it printed takes the rows back, so that nothing is left to be told.
  taken = 9;
  onSettled = () => {
    taken = 5;
  };
  size.fit();
  const sizes = [
    { cols: 80, rows: 22, settled: 1 },
    { cols: 100, rows: 22, settled: 2 },
  ];
  assert.deepEqual([told, size.program, settled], [sizes, { cols: 100, rows: 22 }, 3]);
});
