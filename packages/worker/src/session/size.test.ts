// Holds the effective size of a terminal to its bounds, for whatever was asked.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { effectiveSize, type Size } from "./size.ts";

describe("the effective size", () => {
  const cases: readonly (readonly [asked: Size, is: Size])[] = [
    [
      { cols: 80, rows: 24 },
      { cols: 80, rows: 24 },
    ],
    [
      { cols: 0, rows: 0 },
      { cols: 2, rows: 1 },
    ],
    [
      { cols: 1, rows: 1 },
      { cols: 2, rows: 1 },
    ],
    [
      { cols: -5, rows: -5 },
      { cols: 2, rows: 1 },
    ],
    [
      { cols: 80.9, rows: 24.9 },
      { cols: 80, rows: 24 },
    ],
    [
      { cols: 1000, rows: 250 },
      { cols: 1000, rows: 250 },
    ],
    [
      { cols: 1000, rows: 251 },
      { cols: 1000, rows: 250 },
    ],
    [
      { cols: 250, rows: 1000 },
      { cols: 250, rows: 1000 },
    ],
    [
      { cols: 251, rows: 1000 },
      { cols: 251, rows: 996 },
    ],
    [
      { cols: 65_535, rows: 65_535 },
      { cols: 1000, rows: 250 },
    ],
  ];
  for (const [asked, is] of cases) {
    it(`of ${asked.cols}x${asked.rows} is ${is.cols}x${is.rows}`, () => assert.deepEqual(effectiveSize(asked), is));
  }

  it("is within the bounds for all that may be asked, and settles at once", () => {
    const extent = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(extent, extent, (cols, rows) => {
        const size = effectiveSize({ cols, rows });
        assert.ok(size.cols >= 2 && size.cols <= 1000 && size.rows >= 1 && size.rows <= 1000, JSON.stringify(size));
        assert.ok(size.cols * size.rows <= 250_000, JSON.stringify(size));
        assert.deepEqual(effectiveSize(size), size);
      }),
    );
  });

  it("is what was asked wherever that is within the bounds", () => {
    const extent = fc.integer({ min: 2, max: 500 });
    fc.assert(
      fc.property(extent, extent, (cols, rows) => assert.deepEqual(effectiveSize({ cols, rows }), { cols, rows })),
    );
  });
});
