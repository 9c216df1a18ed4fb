// Reads the head of a skill document, strictly: the two members that the format of agent skills asks for, and no others.
// Knows nothing of what stands below it.
import { parse } from "yaml";
import { z } from "zod";

/** Bounds of the Agent Skills format (agentskills.io/specification). */
const frontMatter = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(64),
  description: z.string().startsWith("Use when ").max(1024),
});

export type FrontMatter = z.infer<typeof frontMatter>;

const HEAD = /^---\n([\s\S]*?)\n---\n/;

/** Throws an Error that says what is wrong: no head, a member too many or too few, or another name than that of its folder. */
export function readFrontMatter(name: string, text: string): FrontMatter {
  const [, head] = HEAD.exec(text) ?? [];
  if (head === undefined) throw new Error(`skill ${name} has no front matter between --- and ---`);
  const read = frontMatter.parse(parse(head));
  if (read.name !== name) throw new Error(`skill ${name} calls itself ${read.name}`);
  return read;
}
