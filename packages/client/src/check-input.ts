// Refuses inputs that do not fit their operation before anything is sent, misspelt members first of all: the server has to
// ignore those where the older API did. Loads schemas only for inputs that could be wrong in that way.
import { FleettyError } from "@fleetty/protocol/errors";
import { type InputIssue, type InputRead, issuesOf, tellIssue, unknownMembers } from "@fleetty/protocol/input-issues";
import type { AnyOperation } from "@fleetty/protocol/operations";
import type { Members } from "./call.ts";
import { formOf } from "./request-form.ts";

/** Throws `invalid_body` with `issues` in its details, as the server would. */
export async function checkInput(row: AnyOperation, input: Members): Promise<void> {
  const needsNoSchema = formOf(row).pathMembers.join() === givenMembers(input).join();
  if (needsNoSchema) return;
  const checked = withoutBytes(row, input);
  const issues = findIssues((await row.schemas()).input.safeParse(checked), checked);
  if (issues.length === 0) return;
  const told = issues.map(tellIssue).join("; ");
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

function findIssues(read: InputRead, input: Members): InputIssue[] {
  if (!read.success) return issuesOf(read.error);
  return unknownMembers(input, read.data).map((path) => ({ path, message: "is not known here" }));
}
