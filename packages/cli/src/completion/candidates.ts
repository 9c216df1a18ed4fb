// Makes the lines that a shell completes with: asks a server for names of sessions, servers, presets and tags where those are expected,
// quickly, and takes no answer for none. Starts no server.
import { type Client, connect } from "@fleetty/client";
import type { OperationOutput } from "@fleetty/protocol/operations";
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
  const prefix = wanted.prefix ?? "";
  const candidates = await candidatesFor(wanted, { words, current: current.slice(prefix.length) });
  return candidates
    .map(({ word, says }) => ({ word: `${prefix}${word}`, says }))
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
  const { globals } = splitGlobals(words, {});
  using client = connect(connectOptions(destinationOf(globals, readEnvironment())));
  const signal = AbortSignal.timeout(ASK_WITHIN_MS);
  switch (wanted.kind) {
    case "servers":
      return (await client.servers.list({}, { signal })).map(named);
    case "server set":
      return inSet(await client.servers.list({}, { signal }), current);
    case "presets":
      return (await client.presets.list({}, { signal })).items.map(presetNamed);
    case "sessions":
      return sessionsNamed(await sessionsThere(client, wanted, signal), current);
    case "tags":
      return tagsOf(await client.sessions.list({}, { signal }), current);
  }
}

async function sessionsThere(
  client: Client,
  { withEnded, server }: Extract<Expected, { kind: "sessions" }>,
  signal: AbortSignal,
): Promise<SessionInfo[]> {
  const include = withEnded ? { include: ["exited"] as ["exited"] } : {};
  const sessions = await client.sessions.list({ ...include, server }, { signal });
  // Those of a server that the line names are told from no others.
  return server === undefined ? sessions : sessions.map((session) => ({ ...session, server: "" }));
}

function presetNamed({ name, argv }: OperationOutput<"presets.list">["items"][number]): Candidate {
  return { word: name, says: argv.length === 0 ? "your shell" : argv.join(" ") };
}

type Server = OperationOutput<"servers.list">[number];

function named({ hostname, id, health, address }: Server): Candidate {
  return { word: hostname ?? id, says: `${health}: ${address}` };
}

/** Names and labels, for the term that is being typed. */
function inSet(servers: readonly Server[], current: string): Candidate[] {
  const before = /^.*[, !]/.exec(current)?.[0] ?? "";
  const labels = new Set(
    servers.flatMap((server) =>
      Object.entries(server.labels).map(([key, value]) => (value ? `@${key}=${value}` : `@${key}`)),
    ),
  );
  const terms = [...servers.map(named), ...[...labels].map((word) => ({ word, says: "servers with this label" }))];
  return terms.map(({ word, says }) => ({ word: `${before}${word}`, says }));
}

/**
 * A name means its live session, or else the one that ended last. Of a fleet `host/name` are offered too: at once for a name
 * that several servers have, and for all of them as soon as a word has been begun.
 */
function sessionsNamed(sessions: readonly SessionInfo[], current: string): Candidate[] {
  const isFleet = new Set(sessions.map(({ server }) => server)).size > 1;
  const names = Map.groupBy(sessions, ({ name }) => name);
  return [...names].flatMap(([name, all]) => {
    const perServer = new Map(all.map((session) => [session.server, session]));
    const bare = perServer.size === 1 ? [candidate(name, all.at(-1) as SessionInfo)] : [];
    if (!isFleet || (bare.length > 0 && current === "")) return bare;
    return [...bare, ...[...perServer].map(([server, session]) => candidate(`${server}/${name}`, session))];
  });
}

function candidate(word: string, { state, command }: SessionInfo): Candidate {
  return { word, says: `${state}: ${command}` };
}

function tagsOf(sessions: readonly SessionInfo[], current: string): Candidate[] {
  const taken = current.split(",").slice(0, -1);
  const tags = [...new Set(sessions.flatMap((session) => session.tags))].filter((tag) => !taken.includes(tag));
  return tags.map((tag) => ({ word: [...taken, tag].join(","), says: "tag" }));
}
