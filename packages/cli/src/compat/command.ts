// `fleetty compat wsh`: gives this machine the command `wsh`, by which programs and people know one that speaks the same API, or
// takes it away; then looks whether both names lead here that such programs use, the command and the socket.
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect } from "@fleetty/client";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { runtimePaths } from "@fleetty/protocol/runtime-paths";
import { readEnvironment } from "../config.ts";
import { type Globals, splitGlobals } from "../globals.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { visible } from "../print/visible.ts";
import { type LinkChange, makeLink, removeLink } from "./command-link.ts";
import { foundCommand } from "./found-command.ts";

const HELP = `Usage: fleetty compat wsh [--dir DIR] [--remove]

Makes the command wsh, with the commands and variables of wsh, a link to fleetty; never in the place of anything else. Then says
whether wsh leads here, and whether a server answers on the socket that programs for the wsh API open. docs/compatibility.md
says what such programs may notice; wsh --help lists the commands.

Options:
  --dir DIR      where to put it (default: ~/.local/bin)
  --remove       take it away
  -L, --instance NAME  whose socket to look at (default: default)
  --json         print the answer for programs
  -h, --help     print this

Examples:
  fleetty compat wsh
  fleetty compat wsh --dir /usr/local/bin
  fleetty compat wsh --remove
`;

const LAUNCHER = realpathSync(resolve(import.meta.dirname, "../../bin/fleetty"));

interface Asked {
  readonly path: string;
  readonly removes: boolean;
}

/** What came of it, and what was found. */
interface Report {
  readonly link: string;
  readonly did: LinkChange;
  /** What a shell runs by the name; null where that is nothing. */
  readonly runs: string | null;
  /** Whether that is fleetty, of this installation. */
  readonly leads_here: boolean;
  readonly socket: string;
  readonly answers: boolean;
  /** Why nobody answers there. */
  readonly reason: string | null;
}

/** Resolves with the exit code. Throws `invalid_request`, and `forbidden` for a command of somebody else's. */
export async function runCompat(args: readonly string[], before: Globals, signal: AbortSignal): Promise<number> {
  const { globals, rest } = splitGlobals(args, before);
  if (rest.includes("--help") || rest.includes("-h")) {
    await writeOut(HELP);
    return 0;
  }
  const { path, removes } = read(rest);
  const did = removes ? removeLink({ path }) : makeLink({ path, target: LAUNCHER });
  const socket = compatSocketOf(globals.instance ?? "default");
  const runs = foundCommand("wsh", readEnvironment().path);
  const leads = runs !== null && realpathSync(runs) === LAUNCHER;
  const reason = await whyNobodyAnswers(socket, signal);
  const report = { link: path, did, runs, leads_here: leads, socket, answers: reason === null, reason };
  await (globals.json ? printJson(report) : writeOut(told(report)));
  return 0;
}

function read([what, ...words]: readonly string[]): Asked {
  if (what !== "wsh") throw unusable(what === undefined ? "needs a name: wsh" : `knows wsh alone, not ${what}`);
  let dir = join(readEnvironment().home, ".local/bin");
  let removes = false;
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const glued = word.startsWith("--dir=") ? word.slice("--dir=".length) : undefined;
    if (word === "--remove") removes = true;
    else if (word === "--dir" || glued !== undefined) dir = glued ?? left.shift() ?? "";
    else throw unusable(`does not take ${JSON.stringify(word)}`);
  }
  if (dir === "") throw unusable("needs a folder after --dir");
  return { path: join(resolve(dir), "wsh"), removes };
}

function compatSocketOf(instance: string): string {
  return runtimePaths({ instance, uid: process.getuid?.() ?? 0, ...readEnvironment() }).compatSocket;
}

/** Null where a server of fleetty's answers. */
async function whyNobodyAnswers(socket: string, signal: AbortSignal): Promise<string | null> {
  using client = connect({ socket });
  try {
    const { product } = await client.server.info({}, { signal });
    return product === "fleetty" ? null : "another program answers there";
  } catch (thrown) {
    const { code, message } = toFleettyError(thrown);
    if (code === "cancelled") throw thrown;
    return message;
  }
}

function told({ link, did, runs, leads_here: leads, socket, answers, reason }: Report): string {
  const lines = [`${sentences[did]} ${link}`];
  const isThere = did !== "removed" && did !== "absent";
  if (isThere && runs === null) lines.push("note     its folder is not in PATH: wsh is not found yet");
  if (isThere && runs !== null && !leads) lines.push(`note     ${runs} comes first in PATH: wsh runs that`);
  lines.push(answers ? `socket   ${socket} is answered` : `socket   ${socket}: ${reason}`);
  return lines.map((line) => `${visible(line)}\n`).join("");
}

const sentences: Readonly<Record<LinkChange, string>> = {
  linked: "linked  ",
  updated: "updated ",
  unchanged: "there is",
  removed: "removed ",
  absent: "there was none:",
};

function unusable(fact: string): FleettyError {
  return new FleettyError("invalid_request", `fleetty compat ${fact}; see fleetty compat --help`);
}
