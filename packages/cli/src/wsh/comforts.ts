// In which commands differ for whoever calls them by `wsh`: the columns of a list, which is of this server alone, and a token
// of another server on the command line.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { type Comfort, comfortOf } from "../comfort.ts";
import { add } from "../comforts/servers.ts";
import type { CommandRow } from "../commands.ts";
import { table } from "../print/table.ts";

const HEADING = ["NAME", "PID", "COMMAND", "SIZE", "CLIENTS", "TAGS"];
const TOKEN = "--token";

/** As `comfortOf`, with what is wsh's own before. */
export async function wshComfortOf(row: CommandRow): Promise<Comfort | null> {
  const { command } = row.cli;
  return Object.hasOwn(comforts, command) ? (comforts[command] as Comfort) : comfortOf(row);
}

const comforts: Readonly<Record<string, Comfort>> = {
  ls: {
    notes: ["Lists the sessions of this server, or of the one that -s names."],
    input: ({ members }) => ({ server: "local", ...members }),
    show: (answer) => table(HEADING, (answer as SessionInfo[]).map(cells)),
  },
  "servers add": {
    ...add,
    extras: [
      ...(add.extras ?? []),
      { flag: TOKEN, value: "TOKEN", says: "that server's token, which every process list then shows" },
    ],
    input: async (invocation, signal) => {
      const members = (await add.input?.(invocation, signal)) ?? invocation.members;
      const token = invocation.extras[TOKEN];
      return token === undefined ? members : { ...members, token };
    },
  },
};

function cells({ name, pid, command, rows, cols, clients, tags }: SessionInfo): string[] {
  return [name, `${pid ?? "-"}`, command, `${rows}x${cols}`, `${clients}`, tags.join(",") || "-"];
}
