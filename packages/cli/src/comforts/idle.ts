// `idle`: shows the screen that a session became quiet with; without a session, also which one of many it is.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Screen } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { visible } from "../print/visible.ts";
import { showScreen } from "./screen.ts";

export const comfort: Comfort = {
  notes: ["Exits 6 when the session was not quiet in time (--max-wait-ms, default 30000)."],
  input: ({ members, globals }) => (globals.json ? members : { format: "plain", ...members }),
  show: (answer) => showScreen((answer as { screen: Screen }).screen),
};

export const ofMany: Comfort = {
  notes: [
    "Says first which session it is. Exits 6 when none was quiet in time, 4 when none matches.",
    "--json has a cursor: with --cursor each session that has settled is returned once.",
  ],
  input: ({ members, globals }) => (globals.json ? members : { format: "plain", ...members }),
  show: (answer) => {
    const { server, session, state, screen, exit } = answer as OperationOutput<"sessions.idle_any">;
    const ending = state === "exited" && exit ? ` exited ${Object.values(exit)[0]}` : "";
    return `${visible(`${server}/${session}`)}${ending}\n${showScreen(screen as Screen)}`;
  },
};
