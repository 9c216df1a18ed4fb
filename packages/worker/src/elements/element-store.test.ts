// What is kept of overlays and panels: their height in z, what stands where, without defaults, and within which bounds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Overlay } from "./element.ts";
import { shownOverlay } from "./element.ts";
import { ElementStore, type Wish } from "./element-store.ts";

const PLACE = { x: 0, y: 0, width: 10, height: 2 };

function storeOf() {
  const store = new ElementStore<Overlay>("overlay");
  const add = (wish: Wish = {}) => store.add("normal", wish, PLACE);
  return { store, add, shown: (id: string) => shownOverlay(store.get(id)) };
}

const longText = "é".repeat(32 * 1024);

describe("an element", () => {
  it("is put above all before, unless its height is said; a higher one moves the next ones up", () => {
    const { add } = storeOf();
    const zs = [undefined, undefined, 7, undefined, 3, undefined, -5].map((z) => add({ z }).z);
    assert.deepEqual(zs, [0, 1, 7, 8, 3, 9, -5]);
    assert.equal(add({ z: Number.MAX_SAFE_INTEGER }).z, Number.MAX_SAFE_INTEGER);
    assert.equal(add().z, Number.MAX_SAFE_INTEGER);
  });

  it("is shown without what is at its default", () => {
    const { add, shown } = storeOf();
    const plainly = add({ spans: [{ text: "a", bold: false, fg: "red" }], focusable: false });
    assert.deepEqual(shown(plainly.id), { id: plainly.id, ...PLACE, z: 0, spans: [{ text: "a", fg: "red" }] });
    const { id } = add({ background: { bg: "blue" }, focusable: true });
    assert.deepEqual(shown(id), { id, ...PLACE, z: 1, background: { bg: "blue" }, spans: [], focusable: true });
  });

  it("has other texts for the spans of an id, and the others as they were", () => {
    const { store, add, shown } = storeOf();
    const spans = [
      { text: "a", id: "one", bold: true },
      { text: "b" },
      { text: "c", id: "two" },
      { text: "d", id: "one" },
    ];
    const { id } = add({ spans });
    const given = [{ text: "x", id: "one", fg: "red" }, { text: "y" }, { text: "z", id: "three" }] as const;
    store.repaint(id, { spans: given });
    const one = { text: "x", id: "one", fg: "red" };
    assert.deepEqual(shown(id).spans, [one, { text: "b" }, { text: "c", id: "two" }, one]);
  });

  it("has texts at places instead of those before, and keeps them when its spans are others", () => {
    const { store, add, shown } = storeOf();
    const { id } = add();
    store.repaint(id, { writes: [{ row: 0, col: 1, text: "a", italic: true, bold: false }] });
    store.change(id, { spans: [{ text: "b" }] });
    assert.deepEqual(shown(id).region_writes, [{ row: 0, col: 1, text: "a", italic: true }]);
    store.repaint(id, { writes: [] });
    assert.ok(!("region_writes" in shown(id)));
  });

  it("changes by what is given, and by nothing else", () => {
    const { store, add, shown } = storeOf();
    const { id } = add({ focusable: true });
    store.change(id, { x: 5, z: 9, background: undefined });
    assert.deepEqual(shown(id), { id, ...PLACE, x: 5, z: 9, spans: [], focusable: true });
    assert.equal(add().z, 1, "only creations move the counter");
  });
});

describe("the bounds of elements", () => {
  const limit = (code: string, name: string, max: number) => ({ code, details: { limit: name, max } });

  it("are 256 of a kind, 4096 spans of one, 64 KiB of each text: more is refused, and nothing is made", () => {
    const { store, add } = storeOf();
    const spans = (count: number) => Array.from({ length: count }, () => ({ text: "x" }));
    const { id } = add({ spans: [...spans(4095), { text: longText }] });
    const tooMany = { spans: spans(4097) };
    const tooLong = { spans: [{ text: `${longText}x` }] };
    const pieces = ["spans_per_element", 4096] as const;
    assert.throws(() => add(tooMany), limit("resource_limit_reached", ...pieces));
    assert.throws(() => add(tooLong), limit("resource_limit_reached", "text_bytes", 65_536));
    assert.throws(() => store.change(id, tooMany), limit("invalid_overlay", ...pieces));
    assert.throws(() => store.repaint(id, tooLong), limit("invalid_overlay", "text_bytes", 65_536));
    assert.throws(() => store.repaint(id, { spans: spans(4097) }), limit("invalid_overlay", ...pieces));
    const writes = spans(4097).map((span) => ({ row: 0, col: 0, ...span }));
    assert.throws(() => store.repaint(id, { writes }), limit("invalid_overlay", "region_writes_per_element", 4096));
    assert.equal(store.get(id).spans.length, 4096);
    while (store.all.length < 256) add();
    assert.throws(() => add(), limit("resource_limit_reached", "overlays_per_session", 256));
    store.remove(id);
    add();
  });

  it("are also what all of a session holds, so that a list of them can be answered", () => {
    const { store, add } = storeOf();
    const big = { spans: Array.from({ length: 15 }, () => ({ text: longText })) };
    for (let count = 0; count < 8; count += 1) add(big);
    const max = 8 * 1024 * 1024;
    assert.throws(() => add(big), limit("resource_limit_reached", "overlay_bytes_per_session", max));
    const { id } = add({ spans: Array.from({ length: 4096 }, () => ({ text: "", id: "all" })) });
    const all = { spans: [{ text: longText, id: "all" }] };
    assert.throws(() => store.repaint(id, all), limit("invalid_overlay", "overlay_bytes_per_session", max));
    // As JSON it is longer than any text can be: who adds it up has to stop before.
    const longest = { spans: [{ text: "\u0001".repeat(64 * 1024), id: "all" }] };
    assert.throws(() => store.repaint(id, longest), limit("invalid_overlay", "overlay_bytes_per_session", max));
    assert.equal(store.get(id).spans[0]?.text, "");
    store.clear();
    add(big);
  });

  it("are looked at before both halves of a change: one that is refused has changed nothing", () => {
    const { store, add } = storeOf();
    const { id } = add({ spans: [{ text: "a", id: "a" }] });
    const writes = [{ row: 0, col: 0, text: `${longText}x` }];
    assert.throws(() => store.repaint(id, { spans: [{ text: "b", id: "a" }], writes }), { code: "invalid_overlay" });
    assert.equal(store.get(id).spans[0]?.text, "a");
  });
});
