// `fleetty skills`: lists what agents can read on using a fleet, prints one, or puts them all where an agent looks for skills.
// Asks no server.
import { join, resolve } from "node:path";
import { listSkills, readSkill } from "@fleetty/hub/skills/skill-library";
import { readEnvironment } from "../config.ts";
import type { Globals } from "../globals.ts";
import { readOwn, unusableLine } from "../own-command.ts";
import { skills } from "../own-lines.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { installSkills } from "./installation.ts";

/** Resolves with the exit code. Throws `invalid_request`. */
export async function runSkills(args: readonly string[], before: Globals): Promise<number> {
  const line = await readOwn(skills, args, before);
  if (line === null) return 0;
  const json = line.globals.json ?? false;
  const { "--dir": dir } = line.options;
  const [action = "ls", ...words] = line.words;
  if (dir !== undefined && action !== "install") throw unusableLine(skills, "takes --dir with install only");
  if (action === "ls" && words.length === 0) await list(json);
  else if (action === "show" && words.length === 1) await show(words[0] as string, json);
  else if (action === "show" && words.length === 0) throw unusableLine(skills, "needs the name of one to show");
  else if (action === "install" && words.length === 0) await install(folderOf(dir), json);
  else throw unusableLine(skills, `does not take ${JSON.stringify(line.words.join(" "))}`);
  return 0;
}

async function list(json: boolean): Promise<void> {
  const all = await listSkills();
  if (json) return printJson(all);
  await writeOut(all.map(({ name, description }) => `${name}\n    ${description}\n`).join(""));
}

async function show(name: string, json: boolean): Promise<void> {
  const text = await readSkill(name);
  await (json ? printJson({ name, text }) : writeOut(text));
}

async function install(folder: string, json: boolean): Promise<void> {
  const installed = await installSkills(folder);
  if (json) return printJson(installed);
  await writeOut(installed.map(({ path, did }) => `${did.padEnd("unchanged".length)}  ${path}\n`).join(""));
}

function folderOf(dir: string | boolean | undefined): string {
  if (dir === "") throw unusableLine(skills, "needs a folder after --dir");
  return dir === undefined ? join(readEnvironment().home, ".claude/skills") : resolve(String(dir));
}
