// `ls`: sessions as a table for people.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { age } from "../print/ages.ts";
import { table } from "../print/table.ts";

const HEADING = ["NAME", "STATE", "PID", "SIZE", "CLIENTS", "ACTIVE", "TAGS", "COMMAND"];

export const comfort: Comfort = {
  notes: ["ACTIVE says how long ago the session last printed or was typed into."],
  show: (answer) => table(HEADING, (answer as SessionInfo[]).map(row)),
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
function state({ state, exit }: SessionInfo): string {
  if (!exit) return state;
  if ("code" in exit) return `${state} ${exit.code}`;
  return "signal" in exit ? `${state} ${exit.signal}` : `${state} ?`;
}
