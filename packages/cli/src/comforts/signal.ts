// `signal`: reaches one session, or all that carry a tag or are on servers of a set.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "../comfort.ts";
import { PICK_NOTES, pickOptions } from "../picked.ts";

export const comfort: Comfort = {
  extras: pickOptions,
  picksMany: { said: "signalled" },
  notes: PICK_NOTES,
  input: ({ members }) => {
    if (members["signal"] !== undefined) return members;
    throw new FleettyError("invalid_request", "name a signal, such as INT; see fleetty signal --help");
  },
};
