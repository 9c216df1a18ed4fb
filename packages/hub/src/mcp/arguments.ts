// Reads what a client gives a tool by the tool's schema, and says what is wrong with it as JSON-RPC does. What the schema does
// not know is refused, or let be where older clients are used to that. Knows no tool.
import { type InputIssue, issuesOf, notKnown, tellIssue, unknownMembers } from "@fleetty/protocol/input-issues";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type * as z from "zod";
import { withoutIdleNulls } from "../faces/null-members.ts";
import type { Members } from "./tool.ts";

export interface ArgumentRules {
  readonly tool: string;
  readonly schema: z.ZodType;
  /** Whether unknown members are let be. */
  readonly ignoresUnknown: boolean;
}

/** Throws ProtocolError (−32602) with what is wrong. */
export function readArguments(given: Members, { tool, schema, ignoresUnknown }: ArgumentRules): unknown {
  const members = withoutIdleNulls(given, schema);
  const read = schema.safeParse(members);
  if (!read.success) throw unusable(tool, issuesOf(read.error));
  const unknown = unknownMembers(members, read.data);
  if (unknown.length > 0 && !ignoresUnknown) throw unusable(tool, notKnown(unknown));
  return read.data;
}

function unusable(tool: string, issues: readonly InputIssue[]): ProtocolError {
  const message = `${tool}: ${issues.map(tellIssue).join("; ")}`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message, {
    code: "invalid_body",
    message,
    details: { issues },
  });
}

export function invalidParams(
  message: string,
  code: "invalid_request" | "not_found" = "invalid_request",
): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message, { code, message });
}
