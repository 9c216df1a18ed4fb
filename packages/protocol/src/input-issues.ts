// Says what is wrong with an input, member by member and however deep, misspelt members included. Shared by the face that
// refuses and the client that refuses before it asks. Knows no operation.
import type * as z from "zod";

/** One thing that is wrong; `path` is empty when it is the input as a whole. */
export interface InputIssue {
  readonly path: readonly string[];
  readonly message: string;
}

/** What a schema says of an input. */
export type InputRead = z.ZodSafeParseResult<unknown>;

type ZodIssue = z.core.$ZodIssue;

/** What a schema found. */
export function issuesOf({ issues }: z.ZodError): InputIssue[] {
  return issues.flatMap((issue) => (issue.code === "invalid_union" ? issuesOfUnion(issue) : [told(issue, [])]));
}

/** Paths of the members that a schema without transforms did not take over: it does not know them. */
export function unknownMembers(given: unknown, taken: unknown): string[][] {
  if (!isRecord(given) || !isRecord(taken)) return [];
  return Object.entries(given).flatMap(([member, value]) => {
    if (value === undefined) return [];
    if (!Object.hasOwn(taken, member)) return [[member]];
    return unknownMembers(value, taken[member]).map((path) => [member, ...path]);
  });
}

/** What is wrong with members that are not known. */
export function notKnown(paths: readonly string[][]): InputIssue[] {
  return paths.map((path) => ({ path, message: "is not known" }));
}

/** `until.pattern.on: expected …`, for people. */
export function tellIssue({ path, message }: InputIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

/**
 * Of several forms the one that was meant has the right shape at least: then what is wrong lies inside of it. Where that is none
 * of them, what each wants is said.
 */
function issuesOfUnion(union: Extract<ZodIssue, { code: "invalid_union" }>): InputIssue[] {
  const meant = union.errors.filter((branch) => branch.every(({ path }) => path.length > 0));
  const [only] = meant;
  if (meant.length === 1 && only) return only.map((issue) => told(issue, union.path));
  const wanted = union.errors.flatMap(([first]) => (first && first.path.length === 0 ? [first.message] : []));
  const message = wanted.length === union.errors.length ? [...new Set(wanted)].join(", or ") : union.message;
  return [told({ ...union, message }, [])];
}

function told({ path, message }: ZodIssue, below: readonly PropertyKey[]): InputIssue {
  return { path: [...below, ...path].map(String), message };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
