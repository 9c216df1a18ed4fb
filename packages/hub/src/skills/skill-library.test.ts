// The skills as they are served: the thirteen there are, each with a head that can be read, and no others.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { readFrontMatter } from "./front-matter.ts";
import { isSkillName, listSkills, readSkill, SKILL_NAMES, SKILLS_FOLDER } from "./skill-library.ts";

describe("the skill library", () => {
  it("lists every skill of the folder, each with when to use it", async () => {
    const skills = await listSkills();
    assert.deepEqual(skills.map(({ name }) => name).toSorted(), readdirSync(SKILLS_FOLDER).toSorted());
    for (const { description } of skills) assert.match(description, /^Use when .{40,}\.$/);
  });

  it("reads a skill whole", async () => {
    const text = await readSkill("core");
    assert.match(text, /^---\nname: core\n/);
    assert.match(text, /\n# fleetty/);
  });

  it("refuses a name that is not one of them, a path above all", async () => {
    for (const name of ["nothing", "../docs", "core/SKILL.md", ""]) {
      assert.equal(isSkillName(name), false);
      await assert.rejects(readSkill(name), { code: "invalid_request" });
    }
    assert.equal(SKILL_NAMES.every(isSkillName), true);
  });
});

describe("the head of a skill", () => {
  const head = (lines: string) => `---\n${lines}\n---\n# text\n`;

  it("is a name and a description", () => {
    const read = readFrontMatter("tui", head("name: tui\ndescription: Use when a screen is full."));
    assert.deepEqual(read, { name: "tui", description: "Use when a screen is full." });
  });

  it("is refused with anything more, less, or other than its folder says", () => {
    const wrong = [
      "# no head",
      head("name: tui"),
      head("name: tui\ndescription: Use when.\nmodel: x"),
      head("name: core\ndescription: Use when a screen is full."),
      head("name: tui\ndescription: For screens."),
      head("name: tui\nname: tui\ndescription: Use when a screen is full."),
    ];
    for (const text of wrong) assert.throws(() => readFrontMatter("tui", text), text);
  });
});
