// Refuses inputs that do not fit their operation before anything is sent, misspelt members first of all: the server has to
// ignore those where the older API did. Loads schemas only for inputs that could be wrong in that way.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation } from "@fleetty/protocol/operations";
import type { Members } from "./call.ts";
import { formOf } from "./request-form.ts";

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** Throws `invalid_body` with `issues` in its details, as the server would. */
export async function checkInput(row: AnyOperation, input: Members): Promise<void> {
  const needsNoSchema = formOf(row).pathMembers.join() === givenMembers(input).join();
  if (needsNoSchema) return;
  const checked = withoutBytes(row, input);
  const issues = issuesOf((await row.schemas()).input.safeParse(checked), checked);
  if (issues.length === 0) return;
  const told = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  throw new FleettyError("invalid_body", `the input of ${row.name} is not usable: ${told}`, {
    issues,
    may_have_run: false,
  });
}

/** Bytes are always good where base64 is asked for. */
function withoutBytes(row: AnyOperation, input: Members): Members {
  const member = row.octets?.body ?? "";
  return input[member] instanceof Uint8Array ? { ...input, [member]: "" } : input;
}

function givenMembers(input: Members): string[] {
  return Object.keys(input).filter((member) => input[member] !== undefined);
}

type Read =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly ZodIssue[] } };

interface ZodIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function issuesOf(read: Read, input: Members): Issue[] {
  if (!read.success) return read.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  return [...unknownMembers(input, read.data, "")].map((path) => ({ path, message: "is not known here" }));
}

/** Paths of the members that a schema without transforms did not take over. */
function* unknownMembers(given: unknown, taken: unknown, at: string): Generator<string, void> {
  if (!isRecord(given) || !isRecord(taken)) return;
  for (const [member, value] of Object.entries(given)) {
    const path = at === "" ? member : `${at}.${member}`;
    if (value !== undefined && !Object.hasOwn(taken, member)) yield path;
    else yield* unknownMembers(value, taken[member], path);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
