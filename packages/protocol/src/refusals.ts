// Says with which codes a row of the table can be refused over HTTP: its own, and those that it shares with every row of its
// kind. Whatever is refused before a row is found (a path, a method, too many headers) is no row's. Knows no operation.
import type { ErrorCode } from "./errors.ts";
import { httpForm } from "./http-form.ts";
import type { AnyOperation } from "./operations/index.ts";

/** Of every request: where it comes from, whether it is one, and whether we keep what we promise. */
const ANY = ["host_not_allowed", "origin_not_allowed", "invalid_request", "internal_error"] as const;
/** Of those that want a credential. */
const CREDENTIAL = ["auth_required", "auth_invalid", "rate_limited"] as const;
/** Of those that want more than some credential. */
const VERB = ["forbidden"] as const;
/** Of those that have a query, or refuse one. */
const QUERY = ["invalid_query"] as const;
const BODY = ["body_too_large", "request_timeout"] as const;
const JSON_BODY = ["unsupported_media_type", "invalid_json", "invalid_body"] as const;

/** A code that a row has by its kind. */
export type GeneralCode = (
  | typeof ANY
  | typeof CREDENTIAL
  | typeof VERB
  | typeof QUERY
  | typeof BODY
  | typeof JSON_BODY
)[number];

/** Those that a row has by its kind, in the order of the lists above. */
export async function generalRefusals(row: AnyOperation): Promise<readonly GeneralCode[]> {
  const form = httpForm(row);
  const { input } = await row.schemas();
  const hasMembers = Object.keys(input.shape).some(
    (name) =>
      !form?.pathMembers.includes(name) && name !== row.octets?.body && (form?.rest !== "json" || name === "server"),
  );
  return [
    ...ANY,
    ...(row.verb === "public" ? [] : CREDENTIAL),
    ...(row.verb === "public" || row.verb === "any" ? [] : VERB),
    // An older operation ignores what it does not know; a newer one refuses it.
    ...(row.core && !hasMembers ? [] : QUERY),
    ...(form?.rest === "query" ? [] : BODY),
    ...(form?.rest === "json" ? JSON_BODY.filter((code) => code !== "invalid_body" || !isAlwaysOther(row)) : []),
  ];
}

/** Whether a body of the wrong shape is refused with another word, whatever is wrong with it. */
function isAlwaysOther({ unusable }: AnyOperation): boolean {
  return unusable !== undefined && unusable.member === undefined;
}

/** All with which it can be refused. */
export async function refusalsOf(row: AnyOperation): Promise<readonly ErrorCode[]> {
  return [...(await generalRefusals(row)), ...row.errors];
}
