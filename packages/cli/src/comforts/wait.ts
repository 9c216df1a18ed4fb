// `wait` for one session: builds the conditions from options of the command line; exits 124 when the time is over.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import type { Members } from "../invocation.ts";
import { conditionOptions, numberOf, TIMED_OUT, told, until } from "./conditions.ts";

export const comfort: Comfort = {
  hides: ["until", "since"],
  extras: [
    ...conditionOptions,
    { flag: "--since", value: "POSITION", says: "look from here on: an offset, or the JSON that send answered" },
  ],
  notes: [
    "Several conditions: the first one that holds; without any: its end, that of a command, or that it wants something.",
    "Exits 0 when one held, 124 when the time was over.",
  ],
  input: ({ members, extras }) => ({ ...members, ...until(extras), ...since(extras["--since"]) }),
  show: (answer) => told(answer as OperationOutput<"sessions.wait">),
  exitCode: (answer) => ((answer as OperationOutput<"sessions.wait">).timed_out ? TIMED_OUT : 0),
};

function since(text: string | boolean | undefined): Members {
  if (typeof text !== "string") return {};
  if (!text.trimStart().startsWith("{")) return { since: { offset: numberOf("--since", text) } };
  try {
    return { since: JSON.parse(text) };
  } catch (cause) {
    throw new FleettyError("invalid_request", "--since is not an offset, nor the JSON of a position", undefined, {
      cause,
    });
  }
}
