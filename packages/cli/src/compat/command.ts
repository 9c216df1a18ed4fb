// `fleetty compat wsh`: gives this machine the command `wsh`, by which programs and people know one that speaks the same API, or
// takes it away; then looks whether both names lead here that such programs use, the command and the socket.
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect } from "@fleetty/client";
import { toFleettyError } from "@fleetty/protocol/errors";
import { runtimePaths } from "@fleetty/protocol/runtime-paths";
import { readEnvironment } from "../config.ts";
import type { Globals } from "../globals.ts";
import { type OwnLine, readOwn, unusableLine } from "../own-command.ts";
import { compat } from "../own-lines.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { visible } from "../print/visible.ts";
import { type LinkChange, makeLink, removeLink } from "./command-link.ts";
import { foundCommand } from "./found-command.ts";

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
  const line = await readOwn(compat, args, before);
  if (line === null) return 0;
  const { globals } = line;
  const { path, removes } = askedBy(line);
  const did = removes ? removeLink({ path }) : makeLink({ path, target: LAUNCHER });
  const socket = compatSocketOf(globals.instance ?? "default");
  const runs = foundCommand("wsh", readEnvironment().path);
  const leads = runs !== null && realpathSync(runs) === LAUNCHER;
  const reason = await whyNobodyAnswers(socket, signal);
  const report = { link: path, did, runs, leads_here: leads, socket, answers: reason === null, reason };
  await (globals.json ? printJson(report) : writeOut(told(report)));
  return 0;
}

function askedBy({ words, options }: OwnLine): Asked {
  const [what, more] = words;
  if (what !== "wsh")
    throw unusableLine(compat, what === undefined ? "needs a name: wsh" : `knows wsh alone, not ${what}`);
  if (more !== undefined) throw unusableLine(compat, `does not take ${JSON.stringify(more)}`);
  const { "--dir": dir = join(readEnvironment().home, ".local/bin"), "--remove": removes = false } = options;
  if (dir === "") throw unusableLine(compat, "needs a folder after --dir");
  return { path: join(resolve(String(dir)), "wsh"), removes: removes === true };
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
