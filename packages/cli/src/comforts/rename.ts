// `rename`: a session's other name. Its tags have a command of their own.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "../comfort.ts";

export const comfort: Comfort = {
  hides: ["add_tags", "remove_tags"],
  input: ({ members }) => {
    if (members["name"] !== undefined) return members;
    throw new FleettyError("invalid_request", "give the name that it is to have; see fleetty rename --help");
  },
  show: () => "",
};
