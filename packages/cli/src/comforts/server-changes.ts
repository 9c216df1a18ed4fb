// `servers label`, `cordon`, `uncordon` and `drain`: commands for one thing each that can be changed of a server.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { visible } from "../print/visible.ts";
import { labelText } from "./servers.ts";

type Server = OperationOutput<"servers.update">;

/** What `servers update` has, and these are for a part of. */
const HIDDEN = ["name", "token", "labels", "cordoned", "draining"];

export const label: Comfort = {
  hides: HIDDEN,
  notes: [
    "key=value gives a label, key= one without a value, and key- takes it away. Others stay as they are.",
    "Prints the labels that the server then has.",
  ],
  input: ({ members }) => ({ ...members, labels: labelsOf(members["labels"] as readonly string[] | undefined) }),
  show: (answer) => `${visible(labelText((answer as Server).labels))}\n`,
};

export const cordon = switching({ cordoned: true }, "cordoned");

export const uncordon = switching({ cordoned: false, draining: false }, "takes new sessions");

export const drain = switching({ draining: true }, "draining");

function switching(changed: Readonly<Record<string, boolean>>, said: string): Comfort {
  return {
    hides: HIDDEN,
    input: ({ members }) => ({ ...members, ...changed }),
    show: (answer) => {
      const { hostname, id, sessions } = answer as Server;
      const left =
        changed["draining"] && sessions ? `, ${sessions} ${sessions === 1 ? "session" : "sessions"} left` : "";
      return `${visible(hostname ?? id)}  ${said}${left}\n`;
    },
  };
}

/** Null takes a label away. No key ends in a dash. */
function labelsOf(words: readonly string[] = []): Record<string, string | null> {
  if (words.length === 0) throw new FleettyError("invalid_request", "name a label: key=value, or key- to take it away");
  return Object.fromEntries(words.map(labelOf));
}

function labelOf(word: string): [string, string | null] {
  const cut = word.indexOf("=");
  if (cut > 0) return [word.slice(0, cut), word.slice(cut + 1)];
  if (/^[^=]+-$/.test(word)) return [word.slice(0, -1), null];
  const message = `${JSON.stringify(word)} is no label; write key=value (key= without a value), or key- to take it away`;
  throw new FleettyError("invalid_request", message);
}
