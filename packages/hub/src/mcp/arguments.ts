// Reads what a client gives a tool by the tool's schema, and says what is wrong with it as JSON-RPC does. What the schema does
// not know is refused, or let be where older clients are used to that. Knows no tool.
import { type InputIssue, issuesOf, notKnown, tellIssue, unknownMembers } from "@fleetty/protocol/input-issues";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import * as z from "zod";
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
  const unknown = read.success ? unknownMembers(members, read.data) : unknownByName(members, schema);
  const issues = [...(read.success ? [] : issuesOf(read.error)), ...(ignoresUnknown ? [] : notKnown(unknown))];
  if (issues.length > 0) throw unusable(tool, issues);
  return read.data;
}

/** A misspelt member is why another one is missing. */
function unknownByName(members: Members, schema: z.ZodType): string[][] {
  if (!(schema instanceof z.ZodObject)) return [];
  const names = Object.keys(members).filter((name) => !Object.hasOwn(schema.shape, name));
  return names.map((name) => [name]);
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
