// Holds the skills: the documents from which an agent learns to use a fleet well, as they stand in skills/ beside the packages.
// Decides which there are and reads them when somebody asks; knows no face that serves them.
import { readFile } from "node:fs/promises";
import { FleettyError } from "@fleetty/protocol/errors";

/** In the order in which they are listed: the first is where to begin. */
export const SKILL_NAMES = [
  "core",
  "drive-process",
  "run-and-wait",
  "tui",
  "multi-session",
  "agent-orchestration",
  "monitor",
  "human-in-the-loop",
  "visual-feedback",
  "input-capture",
  "generative-ui",
  "cluster-orchestration",
  "infrastructure-ops",
] as const;

export type SkillName = (typeof SKILL_NAMES)[number];

export interface Skill {
  readonly name: SkillName;
  /** When an agent should read it, in a sentence that begins with "Use when". */
  readonly description: string;
}

/** The folder of the skills, of this checkout or package: `<name>/SKILL.md`. */
export const SKILLS_FOLDER = new URL("../../../../skills/", import.meta.url);

const texts = new Map<SkillName, Promise<string>>();

export function isSkillName(name: string): name is SkillName {
  return (SKILL_NAMES as readonly string[]).includes(name);
}

/** All of them, in order. A skill that is not as it must be is a defect of this package: throws what was found. */
export async function listSkills(): Promise<readonly Skill[]> {
  // Parsers are loaded by who lists: names and texts need none.
  const { readFrontMatter } = await import("./front-matter.ts");
  return Promise.all(
    SKILL_NAMES.map(async (name) => ({ name, description: readFrontMatter(name, await readSkill(name)).description })),
  );
}

/** Its Markdown, front matter and all. Read once a process. Throws `invalid_request` for a name that there is not. */
export function readSkill(name: string): Promise<string> {
  if (!isSkillName(name)) {
    const message = `there is no skill ${JSON.stringify(name)}; there are ${SKILL_NAMES.join(", ")}`;
    return Promise.reject(new FleettyError("invalid_request", message));
  }
  const known = texts.get(name);
  if (known) return known;
  const read = readFile(new URL(`${name}/SKILL.md`, SKILLS_FOLDER), "utf8");
  texts.set(name, read);
  // What could not be read now may be there the next time.
  read.catch(() => texts.delete(name));
  return read;
}
