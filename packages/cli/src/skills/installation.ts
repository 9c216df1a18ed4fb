// Puts the skills into a folder of an agent, and decides what of that folder is ours: a document that still is as it was written,
// which a print beside it says. Anything else is somebody's, and stays. Knows neither server nor terminal.
import { createHash } from "node:crypto";
import { lstat, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { listSkills, readSkill } from "@fleetty/hub/skills/skill-library";
import { FleettyError } from "@fleetty/protocol/errors";
import { writeFileAtomically } from "@fleetty/worker/state/atomic-file";

export interface InstalledSkill {
  readonly name: string;
  /** Absolute path of its document. */
  readonly path: string;
  readonly did: "written" | "updated" | "unchanged";
}

interface Planned extends InstalledSkill {
  readonly folder: string;
  readonly text: string;
  /** What is there now; undefined when nothing is. */
  readonly there: string | undefined;
}

/** Beside each document: SHA-256 in hex, a line for each text of ours that it can hold, which are two while it is replaced. */
const PRINTS = ".fleetty";

/**
 * Installs all of them below `folder`, which is made when it is not there. In names of its own, since those of the skills are
 * words that others use too. Throws `invalid_request` before anything is written when one is not ours to replace.
 */
export async function installSkills(folder: string): Promise<readonly InstalledSkill[]> {
  try {
    const plans = await Promise.all((await listSkills()).map(({ name }) => plan(folder, name)));
    for (const one of plans) await carryOut(one);
    return plans.map(({ name, path, did }) => ({ name, path, did }));
  } catch (cause) {
    const { code, path = folder } = cause as NodeJS.ErrnoException;
    if (cause instanceof FleettyError || code === undefined) throw cause;
    throw new FleettyError("invalid_request", `${path} cannot be used (${code})`, undefined, { cause });
  }
}

async function plan(into: string, skill: string): Promise<Planned> {
  const name = `fleetty-${skill}`;
  const folder = join(into, name);
  const path = join(folder, "SKILL.md");
  // The format wants the name of the folder in the document.
  const text = (await readSkill(skill)).replace(/^name: .*$/m, `name: ${name}`);
  const there = await ownText(folder, path, text);
  const did = there === undefined ? "written" : there === text ? "unchanged" : "updated";
  return { name, folder, path, text, there, did };
}

/** What is at `path`, when that is `text` or of ours; undefined when nothing is. Throws when it is somebody's. */
async function ownText(folder: string, path: string, text: string): Promise<string | undefined> {
  const container = await lstat(folder).catch(absent);
  if (container && !container.isDirectory()) throw foreign(folder);
  const found = await lstat(path).catch(absent);
  if (!found) return undefined;
  if (!found.isFile()) throw foreign(path);
  const there = await readFile(path, "utf8");
  if (there === text) return there;
  const prints = (await readFile(join(folder, PRINTS), "utf8").catch(absent)) ?? "";
  if (!prints.split("\n").includes(printOf(there))) throw foreign(path);
  return there;
}

async function carryOut({ folder, path, text, there, did }: Planned): Promise<void> {
  if (did === "unchanged") return;
  await mkdir(folder, { recursive: true });
  // Before the document, so that whatever is there after a crash is known as ours.
  const prints = there === undefined ? [text] : [there, text];
  await writeFileAtomically(join(folder, PRINTS), `${prints.map(printOf).join("\n")}\n`, { sync: false });
  await writeFileAtomically(path, text, { sync: false });
}

function absent(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}

function printOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function foreign(path: string): FleettyError {
  const message = `${path} is not as fleetty wrote it, so nothing was installed; move it away, or choose another --dir`;
  return new FleettyError("invalid_request", message);
}
