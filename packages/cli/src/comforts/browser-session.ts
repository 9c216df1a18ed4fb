// `auth session`: reads the login ticket from standard input, because what stands on a command line is everybody's to see.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "../comfort.ts";
import { readStandardInput } from "../standard-input.ts";

export const comfort: Comfort = {
  hides: ["ticket"],
  notes: ["Reads the ticket from standard input."],
  input: async (_, signal) => {
    const ticket = (await readStandardInput(signal)).toString("utf8").trim();
    if (ticket !== "") return { ticket };
    throw new FleettyError(
      "invalid_request",
      "there is no ticket on standard input; fleetty auth login-ticket makes one",
    );
  },
};
