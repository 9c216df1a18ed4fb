// What happens to the elements of a session: which are there in which screen mode, when a focus ends, what is told, and when the
// program has other rows.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { News } from "../notices/notice-ring.ts";
import { Elements } from "./elements.ts";

class Painted {
  rows = 24;
  readonly told: News[] = [];
  /** Rows of the program at each change. */
  readonly left: number[] = [];
  readonly elements: Elements = new Elements({
    outerRows: () => this.rows,
    changed: () => this.left.push(this.elements.layout.rows),
    told: (news) => this.told.push(news),
  });

  overlay(more: object = {}): string {
    return this.elements.add("overlay", { spans: [], ...more }, { x: 0, y: 0, width: 5, height: 1 }).id;
  }

  panel(height: number, more: object = {}): string {
    return this.elements.add("panel", more, { position: "top", height }).id;
  }

  get actions(): string[] {
    return this.told.flatMap((news) => (news.kind === "overlay" ? [`${news.element} ${news.action}`] : []));
  }
}

describe("elements", () => {
  it("are listed in the order in which they are painted", () => {
    const painted = new Painted();
    const [a, b, c] = [painted.overlay({ z: 5 }), painted.overlay({ z: 1 }), painted.overlay({ z: 5 })];
    assert.deepEqual(
      painted.elements.overlays().map(({ id }) => id),
      [b, a, c],
    );
    const bottom = painted.elements.add("panel", { z: 9 }, { position: "bottom", height: 1 }).id;
    const [low, high] = [painted.panel(1, { z: 1 }), painted.panel(1, { z: 2 })];
    assert.deepEqual(
      painted.elements.panels().map(({ id }) => id),
      [high, low, bottom],
    );
  });

  it("belong to the screen mode that they were made in, and go with the alt mode when that is left by request", () => {
    const painted = new Painted();
    const { elements } = painted;
    const below = painted.panel(2);
    elements.enterAlt();
    assert.deepEqual([elements.panels(), elements.layout.rows, elements.panel(below).visible], [[], 24, false]);
    const [over, above] = [painted.overlay({ focusable: true }), painted.panel(5)];
    assert.equal(elements.overlay(over).screen_mode, "alt");
    elements.focus(over);
    elements.exitAlt();
    assert.throws(() => elements.overlay(over), { code: "overlay_not_found" });
    assert.throws(() => elements.panel(above), { code: "panel_not_found" });
    assert.deepEqual([elements.focused, elements.layout.rows, elements.screenMode], [null, 22, "normal"]);
    assert.deepEqual(painted.actions.slice(-2), ["overlay deleted", "panel deleted"]);
    assert.deepEqual(painted.left, [22, 24, 24, 19, 19, 22]);
  });

  it("are only hidden when the program itself leaves the alt mode, until it is there again", () => {
    const painted = new Painted();
    const { elements } = painted;
    elements.follow("alt");
    const id = painted.panel(3);
    elements.follow("normal");
    assert.deepEqual([elements.panels(), elements.panel(id).visible, elements.layout.rows], [[], false, 24]);
    elements.follow("alt");
    assert.deepEqual([elements.panel(id).visible, elements.layout.rows], [true, 21]);
    assert.throws(() => elements.enterAlt(), { code: "already_in_alt_screen" });
    elements.exitAlt();
    assert.throws(() => elements.exitAlt(), { code: "not_in_alt_screen" });
    elements.follow("normal");
    assert.deepEqual(painted.left, [24, 21, 24, 21, 24]);
  });

  it("give their rows back, and hidden ones come when there is room", () => {
    const painted = new Painted();
    const { elements } = painted;
    const low = painted.panel(2, { z: 0 });
    const tall = painted.panel(22, { z: 9 });
    assert.deepEqual([elements.panel(low).visible, elements.layout.rows], [false, 2]);
    elements.change("panel", tall, { height: 3 });
    assert.deepEqual([elements.panel(low).visible, elements.layout.rows], [true, 19]);
    painted.rows = 4;
    assert.deepEqual([elements.panel(low).visible, elements.layout.rows], [false, 1]);
    elements.clear("panel");
    assert.deepEqual([elements.panels(), elements.layout.rows], [[], 4]);
    assert.deepEqual(painted.actions, ["panel created", "panel created", "panel updated", "panel cleared"]);
  });
});

describe("who follows the elements of a session", () => {
  it("hears that others are there, or that another one has the focus, also where nothing was made or changed", () => {
    const painted = new Painted();
    const { elements } = painted;
    const id = painted.panel(1, { focusable: true });
    const ways: readonly (() => void)[] = [
      () => elements.focus(id),
      () => elements.unfocus(),
      () => elements.resized(),
      () => elements.follow("alt"),
      () => elements.follow("normal"),
      () => elements.enterAlt(),
      () => elements.exitAlt(),
    ];
    for (const way of ways) {
      painted.told.length = 0;
      way();
      assert.deepEqual(painted.told, [{ kind: "shown" }]);
    }
    painted.told.length = 0;
    elements.unfocus();
    elements.clear("panel");
    elements.resized();
    assert.deepEqual(painted.actions, ["panel cleared"]);
    assert.equal(painted.told.length, 1);
  });
});

describe("the focus", () => {
  it("is had by what was made for it, in either screen mode, and by one at a time", () => {
    const painted = new Painted();
    const { elements } = painted;
    const [dull, one] = [painted.overlay(), painted.panel(1, { focusable: true })];
    assert.throws(() => elements.focus("nobody"), { code: "invalid_request", details: { field: "id" } });
    assert.throws(() => elements.focus(dull), { code: "not_focusable" });
    assert.equal(elements.focused, null);
    elements.enterAlt();
    elements.focus(one);
    const other = painted.overlay({ focusable: true });
    elements.focus(other);
    assert.equal(elements.focused, other);
  });

  it("ends with its element, however that goes, with a release, and by itself, and not with another one", () => {
    const ends: Readonly<Record<string, (elements: Elements, id: string) => void>> = {
      remove: (elements, id) => elements.remove("overlay", id),
      clear: (elements) => elements.clear("overlay"),
      release: (elements) => elements.release(),
      unfocus: (elements) => elements.unfocus(),
      "exit alt": (elements) => elements.exitAlt(),
    };
    for (const [name, end] of Object.entries(ends)) {
      const painted = new Painted();
      painted.elements.enterAlt();
      const other = painted.overlay();
      const id = painted.overlay({ focusable: true });
      painted.elements.focus(id);
      painted.elements.remove("overlay", other);
      painted.elements.clear("panel");
      assert.equal(painted.elements.focused, id);
      end(painted.elements, id);
      assert.equal(painted.elements.focused, null, name);
    }
  });
});

describe("the input mode", () => {
  it("is told when it is another, and only then", () => {
    const { elements, told } = new Painted();
    elements.release();
    for (const mode of ["capture", "capture", "passthrough"] as const) elements.setInputMode(mode);
    elements.setInputMode("capture");
    elements.release();
    const modes = ["capture", "passthrough", "capture", "passthrough"] as const;
    assert.deepEqual(
      told,
      modes.map((mode) => ({ kind: "mode", mode })),
    );
  });
});
