// Holds the corpus to its own rules: that it is large, that each list is played, and that what is excused is there, and is
// what users are told.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { knownMisses, knownMissRows } from "./known-misses.ts";
import { allSituations } from "./situations.ts";

const listed = await allSituations();

describe("the corpus", () => {
  it("has situations enough, each of one name, in lists that are played", () => {
    const names = listed.map(({ situation }) => situation.name);
    assert.ok(names.length >= 80, `${names.length} situations`);
    assert.deepEqual(names.length, new Set(names).size, "two have one name");
    for (const { list } of listed) assert.ok(existsSync(join(import.meta.dirname, `${list}.test.ts`)), list);
  });

  it("excuses only what is there, for a truth that it has", () => {
    for (const { situation, truth } of knownMisses) {
      const one = listed.find((other) => other.situation.name === situation)?.situation;
      const truths = one?.steps.flatMap((step) => (step.kind === "moment" ? step.truth : [])) ?? [];
      assert.ok(truths.includes(truth), `${situation}: ${truth}`);
    }
  });

  it("excuses what the documents say cannot be known, and nothing else", () => {
    const [, section = ""] = readFileSync("docs/attention.md", "utf8").split("## What it cannot know\n");
    const [, table = ""] = section.split("| situation | is | is said to be | because |\n|---|---|---|---|\n");
    assert.deepEqual(table.split("\n\n")[0]?.trimEnd().split("\n"), knownMissRows());
  });
});
