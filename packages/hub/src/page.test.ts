// Holds lists in pages to this: each item once, whatever comes and goes between two pages.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Id, isId, makeId } from "@fleetty/protocol/ids";
import { type Page, type PageOrder, pageOf } from "./page.ts";

interface Item {
  readonly id: Id<"tok">;
}

const items: readonly Item[] = Array.from({ length: 250 }, () => ({ id: makeId("tok") })).sort((a, b) =>
  a.id < b.id ? -1 : 1,
);

const byId: PageOrder<Item> = { keyOf: ({ id }) => id, isKey: (text) => isId("tok", text) };

function cursorOf({ next_cursor }: Page<Item>): string {
  return next_cursor ?? assert.fail("this is the last page");
}

describe("a list in pages", () => {
  it("holds a hundred items in a page, or as many as are asked for, and says which page is the last", () => {
    const first = pageOf(items, byId, {});
    assert.deepEqual(first.items, items.slice(0, 100));
    const second = pageOf(items, byId, { cursor: cursorOf(first), limit: 149 });
    assert.deepEqual(second.items, items.slice(100, 249));
    assert.deepEqual(pageOf(items, byId, { cursor: cursorOf(second) }), {
      items: items.slice(249),
      next_cursor: null,
    });
    assert.deepEqual(pageOf(items, byId, { limit: 250 }), { items, next_cursor: null });
    assert.deepEqual(pageOf([], byId, {}), { items: [], next_cursor: null });
  });

  it("goes on behind the last item of a page that is there no more", () => {
    const first = pageOf(items, byId, {});
    const left = items.filter((_, at) => at < 50 || at > 99);
    assert.deepEqual(pageOf(left, byId, { cursor: cursorOf(first) }).items, items.slice(100, 200));
  });

  it("refuses a cursor of another list, and what is none", () => {
    const foreign = Buffer.from(makeId("ses")).toString("base64url");
    for (const cursor of ["", "x", foreign, `${foreign}x`]) {
      assert.throws(() => pageOf(items, byId, { cursor }), { code: "invalid_cursor" }, cursor);
    }
  });
});
