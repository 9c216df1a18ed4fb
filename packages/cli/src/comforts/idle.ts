// `idle`: shows the screen that the session became quiet with.
import type { Screen } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { showScreen } from "./screen.ts";

export const comfort: Comfort = {
  notes: ["Exits 6 when the session was not quiet in time (--max-wait-ms, default 30000)."],
  input: ({ members, globals }) => (globals.json ? members : { format: "plain", ...members }),
  show: (answer) => showScreen((answer as { screen: Screen }).screen),
};
