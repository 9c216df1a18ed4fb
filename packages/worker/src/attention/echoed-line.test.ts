// Whether a line shows what was typed, or has grown by itself.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EchoedLine } from "./echoed-line.ts";

describe("a line that is typed on", () => {
  it("shows what was typed when it grows after that", () => {
    const line = new EchoedLine();
    assert.equal(line.isShownIn("Password:"), false);
    line.typed();
    assert.equal(line.isShownIn("Password:"), false);
    assert.equal(line.isShownIn("Password: abc"), true);
    assert.equal(line.isShownIn("Password: abcd"), true);
  });

  it("does not when it grows by itself, or is another line by then", () => {
    const line = new EchoedLine();
    line.isShownIn("Pass");
    assert.equal(line.isShownIn("Password:"), false);
    line.typed();
    assert.equal(line.isShownIn("Again:"), false);
    assert.equal(line.isShownIn("Again: x"), false);
  });
});
