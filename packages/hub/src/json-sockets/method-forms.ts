// Holds where a method of the JSON WebSockets differs from the operation behind it in form: of whom it is asked, what
// its params and its result look like, and which codes are said otherwise. Whatever is not here is the row as it is.
import { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
import type { InputIssue } from "@fleetty/protocol/input-issues";
import { plainAnswer } from "@fleetty/protocol/link";
import type { Members } from "../faces/body.ts";
import { unusable } from "./request-frame.ts";

export interface MethodForm {
  /** A method of the fleet's socket, which names the session, if any, in its params. */
  readonly isOfFleet?: true;
  /** The params that count, as the operation has them but for their names. Throws `invalid_request`. */
  readonly params?: (params: Members) => Members;
  /** Params that are called otherwise than by the operation, and what that calls them. */
  readonly names?: Readonly<Record<string, string>>;
  readonly result?: (answer: Members) => unknown;
  readonly codes?: { readonly [Code in ErrorCode]?: ErrorCode | ((error: FleettyError) => ErrorCode) };
  /** One at a time for each session: a second ends the first. */
  readonly isAlone?: true;
}

const nothing = () => ({});

const idle: MethodForm = {
  isAlone: true,
  result: ({ screen, scrollback_lines, generation, state, exit }) => {
    return { screen, scrollback_lines, generation, ...(state !== undefined && { state, exit }) };
  },
  codes: { parser_unavailable: "parser_error", parser_timeout: "parser_error" },
};

/** By the name of the method. */
export const methodForms: Readonly<Record<string, MethodForm>> = {
  get_screen: { result: ({ last_activity_ms: _, ...screen }) => screen },
  send_input: { params: typed, codes: { input_send_failed: lateOrNot } },
  resize: { result: nothing },
  await_idle: idle,
  await_quiesce: idle,
  batch_update: { names: { type: "element" } },
  create_session: { result: ({ name, tags, server, id }) => ({ name, tags, server, id }) },
  kill_session: { isOfFleet: true, names: { name: "session" } },
  detach_session: { isOfFleet: true, names: { name: "session" } },
  rename_session: {
    isOfFleet: true,
    params: ({ name, new_name, server }) => {
      if (typeof new_name !== "string") throw unusable("new_name", "is to be a text");
      return { name, new_name, ...(server !== undefined && { server }) };
    },
    names: { name: "session", new_name: "name" },
    result: ({ name, tags }) => ({ name, tags }),
  },
  update_tags: {
    isOfFleet: true,
    params: ({ session, add, remove, server }) => ({ session, add, remove, ...(server !== undefined && { server }) }),
    names: { add: "add_tags", remove: "remove_tags" },
    codes: { invalid_tag: "invalid_request" },
  },
};

/** The params in the words of the operation, which mean nothing here where they are said otherwise. */
export function paramsOf({ params: formed, names = {} }: MethodForm, params: Members): Members {
  const taken = new Set([...Object.keys(names), ...Object.values(names)]);
  const given = formed ? formed(params) : params;
  const alike = Object.entries(given).filter(([name]) => !taken.has(name));
  const otherwise = Object.entries(names).map(([said, name]) => [name, given[said]]);
  return { ...Object.fromEntries(alike), ...Object.fromEntries(otherwise) };
}

/** What is wrong, in the words of the method. */
export function issueOf({ names = {} }: MethodForm, { path: [first, ...rest], message }: InputIssue): InputIssue {
  const said = Object.entries(names).find(([, name]) => name === first)?.[0] ?? first;
  return { path: said === undefined ? [] : [said, ...rest], message };
}

/** The bytes of `send_input`, by their encoding. */
function typed({ data, encoding, ...params }: Members): Members {
  if (typeof data !== "string") throw unusable("data", "is to be a text");
  if (encoding === "base64") return { ...params, data };
  if ((encoding ?? "utf8") !== "utf8") throw unusable("encoding", "is utf8 or base64");
  return { ...params, data: Buffer.from(data, "utf8").toString("base64") };
}

/** The older API tells a terminal that took too long from one that has ended. */
function lateOrNot({ code, details }: FleettyError): ErrorCode {
  return details?.["reason"] === "late" ? "input_send_timeout" : code;
}

/** The answer in the form of the method. */
export function resultOf({ result }: MethodForm, answer: unknown): unknown {
  return result ? result((plainAnswer(answer) ?? {}) as Members) : answer;
}

/** The refusal in the codes of the method. */
export function refusalOf({ codes = {} }: MethodForm, error: FleettyError): FleettyError {
  const said = codes[error.code];
  const code = typeof said === "function" ? said(error) : said;
  return code === undefined ? error : new FleettyError(code, error.message, error.details, { cause: error.cause });
}
