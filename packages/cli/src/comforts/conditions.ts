// The conditions of a wait as options of the command line, and what came of it as a line for people.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { ExtraOption } from "../comfort.ts";
import type { Invocation, Members } from "../invocation.ts";
import { visible } from "../print/visible.ts";

/** As timeout(1) of the GNU coreutils exits. */
export const TIMED_OUT = 124;

export const conditionOptions: readonly ExtraOption[] = [
  { flag: "--exit", value: null, says: "until the session has ended" },
  { flag: "--command", value: "any|ID", says: "until a command of its shell has ended, any or the one of this id" },
  {
    flag: "--attention",
    value: "a,b,…",
    says: "until it wants one of these: needs_input, needs_secret, ready, done, …",
  },
  { flag: "--pattern", value: "REGEX", says: "until it has printed this; linear-time syntax" },
  {
    flag: "--in",
    value: "WHERE",
    says: "where the pattern is looked for: output (default) or screen",
    words: ["output", "screen"],
  },
  { flag: "--ignore-case", value: null, says: "the pattern matches in either case" },
  { flag: "--idle-ms", value: "MS", says: "until it has been quiet for so long" },
];

export function until(extras: Invocation["extras"]): Members {
  const pattern = extras["--pattern"];
  const idleMs = extras["--idle-ms"];
  const attention = extras["--attention"];
  const command = extras["--command"];
  const conditions = {
    ...(extras["--exit"] === true && { exit: true }),
    ...(typeof command === "string" && { command: command === "any" ? true : command }),
    ...(typeof attention === "string" && { attention: attention.split(",").filter((word) => word !== "") }),
    ...(typeof pattern === "string" && { pattern: patternOf(pattern, extras) }),
    ...(typeof idleMs === "string" && { idle: { timeout_ms: numberOf("--idle-ms", idleMs) } }),
  };
  return Object.keys(conditions).length === 0 ? {} : { until: conditions };
}

function patternOf(regex: string, extras: Invocation["extras"]): Members {
  const flags = extras["--ignore-case"] === true ? { flags: "i" } : {};
  return { regex, on: extras["--in"] ?? "output", ...flags };
}

export function numberOf(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new FleettyError("invalid_request", `${flag} takes a whole number, not ${JSON.stringify(text)}`);
}

/** `exit 0 (exact)`, `pattern "BUILD SUCCESS" (strong)`, `timeout`. */
export function told({ reason, confidence, match, exit_code: exitCode }: OperationOutput<"sessions.wait">): string {
  const what = [
    reason,
    ...(typeof exitCode === "number" ? [`${exitCode}`] : []),
    ...(match ? [JSON.stringify(visible(match.text))] : []),
    ...(confidence ? [`(${confidence})`] : []),
  ];
  return `${what.join(" ")}\n`;
}
