// `new`: words after `--` are the program and its arguments; prints the name of the session.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { visible } from "../print/visible.ts";

export const comfort: Comfort = {
  extras: [
    {
      flag: "--idempotency-key",
      value: "KEY",
      says: "make it once for this key, however often it is asked within 24 h; prints the same name again",
    },
  ],
  takesRest: true,
  startsServer: true,
  notes: [
    "Prints the session's name and does not attach. Words after -- are run as they are, without a shell.",
    "A server is started when none runs.",
  ],
  input: ({ members, rest }) => (rest === undefined ? members : { ...members, argv: rest }),
  show: (answer) => `${visible((answer as SessionInfo).name)}\n`,
};
