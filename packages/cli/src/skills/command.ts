// `fleetty skills`: lists what agents can read on using a fleet, prints one, or puts them all where an agent looks for skills.
// Asks no server.
import { join, resolve } from "node:path";
import { listSkills, readSkill } from "@fleetty/hub/skills/skill-library";
import { FleettyError } from "@fleetty/protocol/errors";
import { readEnvironment } from "../config.ts";
import { type Globals, splitGlobals } from "../globals.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { installSkills } from "./installation.ts";

const HELP = `Usage: fleetty skills
       fleetty skills show NAME
       fleetty skills install [--dir DIR]

What an agent should know to use a fleet well: lists the skills, prints one as Markdown, or copies all of them to where an
agent looks for skills, each in a folder fleetty-NAME. What fleetty put there before is replaced by what this version has;
what somebody else made or changed is refused, and then nothing is written. Needs no server.

Options:
  --dir DIR   where to install; default: ~/.claude/skills, of Claude Code. Others look elsewhere: ~/.agents/skills
  --json      print the answer for programs
  -h, --help  print this

Examples:
  fleetty skills show core
  fleetty skills install
  fleetty skills install --dir .claude/skills
`;

/** Resolves with the exit code. Throws `invalid_request`. */
export async function runSkills(args: readonly string[], before: Globals): Promise<number> {
  const { globals, rest } = splitGlobals(args, before);
  const json = globals.json ?? false;
  const [action = "ls", ...words] = rest;
  if (rest.includes("--help") || rest.includes("-h")) await writeOut(HELP);
  else if (action === "ls" && words.length === 0) await list(json);
  else if (action === "show" && words.length === 1) await show(words[0] as string, json);
  else if (action === "install") await install(folderOf(words), json);
  else throw unusable(`does not take ${JSON.stringify(rest.join(" "))}`);
  return 0;
}

async function list(json: boolean): Promise<void> {
  const skills = await listSkills();
  if (json) return printJson(skills);
  await writeOut(skills.map(({ name, description }) => `${name}\n    ${description}\n`).join(""));
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

function folderOf(words: readonly string[]): string {
  const [flag, dir, ...more] = words;
  if (flag === undefined) return join(readEnvironment().home, ".claude/skills");
  const glued = flag.startsWith("--dir=") ? flag.slice("--dir=".length) : undefined;
  const given = glued ?? (flag === "--dir" ? dir : undefined);
  const surplus = glued === undefined ? more : words.slice(1);
  if (!given || surplus.length > 0) throw unusable("install takes --dir DIR and nothing else");
  return resolve(given);
}

function unusable(fact: string): FleettyError {
  return new FleettyError("invalid_request", `fleetty skills ${fact}; see fleetty skills --help`);
}
