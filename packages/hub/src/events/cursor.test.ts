// Holds cursors to naming one event of one log, and to be refused when they are none.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cursorOf, readCursor } from "./cursor.ts";

describe("a cursor", () => {
  it("is read as the number that it was made of, in its own log only", () => {
    for (const seq of [0, 1, 35, 36, 100_000, Number.MAX_SAFE_INTEGER]) {
      const cursor = cursorOf("0a1b2c3d", seq);
      assert.match(cursor, /^ev_[0-9a-z_]+$/);
      assert.equal(readCursor("0a1b2c3d", cursor), seq);
      assert.equal(readCursor("ffffffff", cursor), null);
    }
  });

  it("is refused when it is none", () => {
    for (const text of [
      "",
      "oldest",
      "ev_",
      "ev_0a1b2c3d_",
      "ev_0a1b2c3d_-1",
      "ev_0A1B2C3D_1",
      "ev_0a1b2c3d_zzzzzzzzzzz",
    ])
      assert.throws(() => readCursor("0a1b2c3d", text), { code: "invalid_cursor" }, text);
  });
});
