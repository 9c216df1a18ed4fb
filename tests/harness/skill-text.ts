// Reads what a skill holds that can be carried out: its examples in shell, with what they print, and its calls of tools.
import { readFileSync } from "node:fs";
import { SKILL_NAMES, SKILLS_FOLDER, type SkillName } from "@fleetty/hub/skills/skill-library";

export interface ShellExample {
  readonly script: string;
  /** What it prints, in this order, each somewhere in a line. */
  readonly prints: readonly string[];
}

export interface ToolCall {
  readonly skill: SkillName;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

function blocksOf(skill: SkillName, language: string): string[] {
  const text = readFileSync(new URL(`${skill}/SKILL.md`, SKILLS_FOLDER), "utf8");
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , block = ""]) => block);
}

/** Blocks marked `sh`, each a script of its own. */
export function shellExamples(skill: SkillName): ShellExample[] {
  return blocksOf(skill, "sh").map((script) => ({
    script,
    prints: [...script.matchAll(/# → (.+)$/gm)].map(([, text = ""]) => text.trim()),
  }));
}

/** Lines of blocks marked `tools`: the name of a tool and its arguments in JSON. */
export function toolCalls(): ToolCall[] {
  return SKILL_NAMES.flatMap((skill) =>
    blocksOf(skill, "tools").flatMap((block) =>
      block
        .trimEnd()
        .split("\n")
        .map((line) => {
          const [, tool = "", args = ""] = /^([a-z_]+) (\{.*\})$/.exec(line) ?? [];
          return { skill, tool, args: JSON.parse(args) };
        }),
    ),
  );
}
