// Holds the forms of ids: a prefix that says of what, and a ULID. An id from outside is checked against its form before
// any other use, so that it can become part of a path.
import { ulid } from "./ulid.ts";

/** What has an id of this form. */
export type IdPrefix = "ses" | "srv" | "req" | "lnk" | "tok" | "jcd" | "cmd" | "lea";

export type Id<Prefix extends IdPrefix> = `${Prefix}_${string}`;

const ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}";
const forms: Readonly<Record<IdPrefix, RegExp>> = {
  ses: new RegExp(`^ses_${ULID}$`),
  srv: new RegExp(`^srv_${ULID}$`),
  req: new RegExp(`^req_${ULID}$`),
  lnk: new RegExp(`^lnk_${ULID}$`),
  tok: new RegExp(`^tok_${ULID}$`),
  lea: new RegExp(`^lea_${ULID}$`),
  jcd: new RegExp(`^jcd_${ULID}$`),
  cmd: new RegExp(`^cmd_${ULID}$`),
};

export function makeId<Prefix extends IdPrefix>(prefix: Prefix): Id<Prefix> {
  return `${prefix}_${ulid()}`;
}

export function isId<Prefix extends IdPrefix>(prefix: Prefix, text: string): text is Id<Prefix> {
  return forms[prefix].test(text);
}

export function isSessionId(text: string): text is Id<"ses"> {
  return isId("ses", text);
}
