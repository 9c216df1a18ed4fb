// `new`: words after `--` are the program and its arguments; prints the name of the session, with its server where one was asked
// for.
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
    "A server is started when none runs. With --server or --on it prints host/name, by which every command finds the session:",
    "other servers may have the name too. --json says how --on chose, as placement.",
  ],
  input: ({ members, rest }) => (rest === undefined ? members : { ...members, argv: rest }),
  show: (answer, { members }) => {
    const { name, server } = answer as SessionInfo;
    const isElsewhere = members["server"] !== undefined || members["on"] !== undefined;
    return `${visible(isElsewhere ? `${server}/${name}` : name)}\n`;
  },
};
