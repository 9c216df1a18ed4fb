// `wait`: builds the conditions from options of the command line; exits 124 when the time is over.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import type { Invocation, Members } from "../invocation.ts";
import { visible } from "../print/visible.ts";

/** As timeout(1) of the GNU coreutils exits. */
const TIMED_OUT = 124;

export const comfort: Comfort = {
  hides: ["until", "since"],
  extras: [
    { flag: "--exit", value: null, says: "until the session has ended (the default)" },
    { flag: "--pattern", value: "REGEX", says: "until it has printed this; linear-time syntax" },
    {
      flag: "--on",
      value: "WHERE",
      says: "where the pattern is looked for: output (default) or screen",
      words: ["output", "screen"],
    },
    { flag: "--ignore-case", value: null, says: "the pattern matches in either case" },
    { flag: "--idle-ms", value: "MS", says: "until it has been quiet for so long" },
    { flag: "--since", value: "POSITION", says: "look from here on: an offset, or the JSON that send answered" },
  ],
  notes: ["Several conditions: the first one that holds. Exits 0 when one held, 124 when the time was over."],
  input: ({ members, extras }) => ({ ...members, ...until(extras), ...since(extras["--since"]) }),
  show: (answer) => showResult(answer as OperationOutput<"sessions.wait">),
  exitCode: (answer) => ((answer as OperationOutput<"sessions.wait">).timed_out ? TIMED_OUT : 0),
};

function until(extras: Invocation["extras"]): Members {
  const pattern = extras["--pattern"];
  const idleMs = extras["--idle-ms"];
  const conditions = {
    ...(extras["--exit"] === true && { exit: true }),
    ...(typeof pattern === "string" && { pattern: patternOf(pattern, extras) }),
    ...(typeof idleMs === "string" && { idle: { timeout_ms: numberOf("--idle-ms", idleMs) } }),
  };
  return Object.keys(conditions).length === 0 ? {} : { until: conditions };
}

function patternOf(regex: string, extras: Invocation["extras"]): Members {
  const flags = extras["--ignore-case"] === true ? { flags: "i" } : {};
  return { regex, on: extras["--on"] ?? "output", ...flags };
}

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

function numberOf(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new FleettyError("invalid_request", `${flag} takes a whole number, not ${JSON.stringify(text)}`);
}

/** `exit 0 (exact)`, `pattern "BUILD SUCCESS" (strong)`, `timeout`. */
function showResult({ reason, confidence, match, exit_code: exitCode }: OperationOutput<"sessions.wait">): string {
  const what = [
    reason,
    ...(typeof exitCode === "number" ? [`${exitCode}`] : []),
    ...(match ? [JSON.stringify(visible(match.text))] : []),
    ...(confidence ? [`(${confidence})`] : []),
  ];
  return `${what.join(" ")}\n`;
}
