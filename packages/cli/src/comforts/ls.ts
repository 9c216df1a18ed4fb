// `ls`: sessions as a table for people.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { ListEnvelope } from "@fleetty/protocol/schemas/sessions";
import type { Comfort } from "../comfort.ts";
import { age } from "../print/ages.ts";
import { table } from "../print/table.ts";
import { visible } from "../print/visible.ts";

const HEADING = ["NAME", "STATE", "ATTENTION", "PID", "SIZE", "CLIENTS", "ACTIVE", "TAGS", "COMMAND"];

export const comfort: Comfort = {
  notes: [
    "ATTENTION says what the session wants, with ? where that is a guess: fleetty explain tells how it is known.",
    "ACTIVE says how long ago the session last printed or was typed into. Sessions of several servers are told with theirs.",
  ],
  input: ({ members, globals }) => (globals.json ? members : { envelope: true, ...members }),
  show: (answer) => {
    const sessions = sessionsOf(answer);
    const isOne = new Set(sessions.map(({ server }) => server)).size < 2;
    return isOne
      ? table(HEADING, sessions.map(row))
      : table(
          ["SERVER", ...HEADING],
          sessions.map((session) => [session.server, ...row(session)]),
        );
  },
  tell: (answer) =>
    serversOf(answer)
      .filter(({ ok }) => !ok)
      .map(({ hostname, error }) => `fleetty: ${visible(hostname)} is missing: ${visible(error?.message ?? "")}\n`)
      .join(""),
};

/** A server that does not know of envelopes answers with the list alone. */
function sessionsOf(answer: unknown): SessionInfo[] {
  return Array.isArray(answer) ? answer : (answer as ListEnvelope).sessions;
}

function serversOf(answer: unknown): ListEnvelope["servers"] {
  return Array.isArray(answer) ? [] : (answer as ListEnvelope).servers;
}

function row(session: SessionInfo): string[] {
  const { name, pid, rows, cols, clients, last_activity_ms: quietMs, tags, command } = session;
  return [
    name,
    state(session),
    wants(session),
    `${pid ?? "-"}`,
    `${cols}x${rows}`,
    `${clients}`,
    age(quietMs),
    tags.join(",") || "-",
    command,
  ];
}

/** What a session that lives wants; a mark where that is a guess. */
export function wants({ exit, attention, attention_confidence: confidence }: SessionInfo): string {
  if (exit) return "-";
  return confidence === "heuristic" && attention !== "unknown" ? `${attention}?` : attention;
}

/** `running`, or how it ended: `exited 0`, `exited SIGKILL`. */
export function state({ state, exit }: SessionInfo): string {
  if (!exit) return state;
  if ("code" in exit) return `${state} ${exit.code}`;
  return "signal" in exit ? `${state} ${exit.signal}` : `${state} ?`;
}
