// Makes patterns of the rules that a preset brings: what a line of the terminal says of its session. Knows no screen and no
// kernel; where the patterns stand among other evidence is decided by whoever judges.
import type { OperationInput } from "@fleetty/protocol/operations";
import { compilePatterns, matchRows } from "../waits/pattern.ts";
import type { AttentionPattern } from "./judge.ts";

export type LineRules = NonNullable<OperationInput<"sessions.spawn">["rules"]>;

/** In their order. A line has no blanks at its end, where a pattern may have one. Throws `invalid_pattern`. */
export function linePatterns(rules: LineRules = []): AttentionPattern[] {
  return rules.map(({ when, attention }) => {
    const compiled = compilePatterns([{ regex: when }]);
    return { attention, shown: when, matches: (line) => matchRows(compiled, [line, `${line} `]) !== null };
  });
}
