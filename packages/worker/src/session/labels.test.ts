// Holds the names and tags of a session to what a change makes of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { relabelled } from "./labels.ts";

const build = { name: "build", tags: ["ci", "old"] };

describe("a change of labels", () => {
  it("gives the name that it says, and keeps what it does not name", () => {
    assert.deepEqual(relabelled(build, { name: "test" }), {
      labels: { name: "test", tags: ["ci", "old"] },
      added: [],
      removed: [],
    });
    assert.deepEqual(relabelled(build, {}).labels, build);
  });

  it("says which tags have really come and gone; one that is both added and removed goes", () => {
    const change = { add_tags: ["a", "ci", "z", "a"], remove_tags: ["old", "nobody", "z"] };
    assert.deepEqual(relabelled(build, change), {
      labels: { name: "build", tags: ["a", "ci"] },
      added: ["a"],
      removed: ["old"],
    });
  });

  it("is refused as a whole when the tags would be too many, counted after those that go", () => {
    const full = { name: "build", tags: Array.from({ length: 64 }, (_, n) => `t${n}`).sort() };
    assert.throws(() => relabelled(full, { name: "test", add_tags: ["x"] }), { code: "invalid_tag" });
    assert.ok(relabelled(full, { add_tags: ["x"], remove_tags: ["t0"] }).labels.tags.includes("x"));
  });
});
