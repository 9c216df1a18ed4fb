// `ls`: sessions as a table for people.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { age } from "../print/ages.ts";
import { table } from "../print/table.ts";

const HEADING = ["NAME", "STATE", "PID", "SIZE", "CLIENTS", "ACTIVE", "TAGS", "COMMAND"];

export const comfort: Comfort = {
  notes: [
    "ACTIVE says how long ago the session last printed or was typed into. Sessions of several servers are told with theirs.",
  ],
  show: (answer) => {
    const sessions = answer as SessionInfo[];
    const isOne = new Set(sessions.map(({ server }) => server)).size < 2;
    return isOne
      ? table(HEADING, sessions.map(row))
      : table(
          ["SERVER", ...HEADING],
          sessions.map((session) => [session.server, ...row(session)]),
        );
  },
};

function row(session: SessionInfo): string[] {
  const { name, pid, rows, cols, clients, last_activity_ms: quietMs, tags, command } = session;
  return [
    name,
    state(session),
    `${pid ?? "-"}`,
    `${cols}x${rows}`,
    `${clients}`,
    age(quietMs),
    tags.join(",") || "-",
    command,
  ];
}

/** `running`, or how it ended: `exited 0`, `exited SIGKILL`. */
export function state({ state, exit }: SessionInfo): string {
  if (!exit) return state;
  if ("code" in exit) return `${state} ${exit.code}`;
  return "signal" in exit ? `${state} ${exit.signal}` : `${state} ?`;
}
