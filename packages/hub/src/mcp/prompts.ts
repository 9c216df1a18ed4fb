// Serves the skills as prompts: one user message with the document. Under the compat prefix those that the older public API
// has are there by its names too.
import { listSkills, readSkill } from "../skills/skill-library.ts";
import { invalidParams } from "./arguments.ts";
import type { Style } from "./tool.ts";

/** Skills that fleetty alone has. */
const OWN: readonly string[] = ["infrastructure-ops", "run-and-wait", "human-in-the-loop"];

export async function listPrompts(style: Style) {
  const skills = await listSkills();
  const named = (prefix: string) => skills.map(({ name, description }) => ({ name: `${prefix}:${name}`, description }));
  const older = style === "compat" ? named("wsh").filter(({ name }) => !OWN.some((own) => name === `wsh:${own}`)) : [];
  return [...named("fleetty"), ...older];
}

/** Throws ProtocolError for a prompt that there is not. */
export async function getPrompt(asked: string, style: Style) {
  const prompt = (await listPrompts(style)).find(({ name }) => name === asked);
  if (!prompt)
    throw invalidParams(`there is no prompt ${JSON.stringify(asked.slice(0, 80))}; see prompts/list`, "not_found");
  const text = await readSkill(asked.slice(asked.indexOf(":") + 1));
  return {
    description: prompt.description,
    messages: [{ role: "user" as const, content: { type: "text" as const, text } }],
  };
}
