// Makes the lines that a shell completes with: asks a server for names of sessions and tags where those are expected, quickly, and
// takes no answer for none. Starts no server.
import { connect } from "@fleetty/client";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { readEnvironment } from "../config.ts";
import { destinationOf, splitGlobals } from "../globals.ts";
import { connectOptions } from "../invoke.ts";
import { visible } from "../print/visible.ts";
import { type Candidate, type Expected, expected } from "./expected.ts";

/** Whoever has pressed Tab waits; a server on a loaded machine takes longer than a blink. */
const ASK_WITHIN_MS = 2_000;
const SAYS_MAX = 60;

/** `typed`: the words after `fleetty`, the last of them being typed. A line for each candidate that begins as it does. */
export async function candidateLines(typed: readonly string[]): Promise<string> {
  const { words, current, cut } = joined(typed);
  const wanted = await expected(words, current);
  if (wanted.kind === "files") return ":files\n";
  const candidates = await candidatesFor(wanted, { words, current });
  return candidates
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, says }) => `${visible(word.slice(cut))}\t${visible(says.slice(0, SAYS_MAX))}\n`)
    .join("");
}

/** bash takes `--format=plain` for three words, and completes the last one alone: `cut` characters are not repeated to it. */
function joined(typed: readonly string[]): { words: readonly string[]; current: string; cut: number } {
  const [last = "", before = "", first = ""] = typed.toReversed();
  if (last === "=") return { words: typed.slice(0, -2), current: `${before}=`, cut: before.length + 1 };
  if (before === "=") return { words: typed.slice(0, -3), current: `${first}=${last}`, cut: first.length + 1 };
  return { words: typed.slice(0, -1), current: last, cut: 0 };
}

async function candidatesFor(
  wanted: Exclude<Expected, { kind: "files" }>,
  { words, current }: { words: readonly string[]; current: string },
): Promise<readonly Candidate[]> {
  if (wanted.kind === "words") return wanted.words;
  if (wanted.kind === "nothing") return [];
  const sessions = await sessionsThere(words, wanted.kind === "sessions" && wanted.withEnded);
  if (wanted.kind === "sessions") return named(sessions);
  const taken = current.split(",").slice(0, -1);
  const tags = [...new Set(sessions.flatMap((session) => session.tags))].filter((tag) => !taken.includes(tag));
  return tags.map((tag) => ({ word: [...taken, tag].join(","), says: "tag" }));
}

/** A name means its live session, or else the one that ended last. */
function named(sessions: readonly SessionInfo[]): Candidate[] {
  const names = new Map(sessions.map((session) => [session.name, session]));
  return [...names.values()].map(({ name, state, command }) => ({ word: name, says: `${state}: ${command}` }));
}

async function sessionsThere(words: readonly string[], withEnded: boolean): Promise<SessionInfo[]> {
  const { globals } = splitGlobals(words, {});
  using client = connect(connectOptions(destinationOf(globals, readEnvironment())));
  const include = withEnded ? { include: ["exited"] as ["exited"] } : {};
  return await client.sessions.list(include, { signal: AbortSignal.timeout(ASK_WITHIN_MS) });
}
