// Holds where a method of the JSON WebSockets differs from the operation behind it in form: of whom it is asked, what
// its params and its result look like, and which codes are said otherwise. Whatever is not here is the row as it is.
import { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
import { plainAnswer } from "@fleetty/protocol/link";
import type { Members } from "../faces/body.ts";
import { unusable } from "./request-frame.ts";

export interface MethodForm {
  /** A method of the fleet's socket, which names the session, if any, in its params. */
  readonly isOfFleet?: true;
  /** The params as the operation has them. Throws `invalid_request`. */
  readonly params?: (params: Members) => Members;
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
  batch_update: { params: ({ type: element, ...params }) => ({ ...params, element }) },
  create_session: { result: ({ name, tags, server, id }) => ({ name, tags, server, id }) },
  kill_session: { isOfFleet: true, params: bySessionName },
  detach_session: { isOfFleet: true, params: bySessionName },
  rename_session: {
    isOfFleet: true,
    params: ({ name: session, new_name: name, server }) => {
      if (typeof name !== "string") throw unusable("new_name", "is to be a text");
      return { session, name, ...(server !== undefined && { server }) };
    },
    result: ({ name, tags }) => ({ name, tags }),
  },
  update_tags: {
    isOfFleet: true,
    params: ({ session, add: add_tags, remove: remove_tags, server }) => {
      return { session, add_tags, remove_tags, ...(server !== undefined && { server }) };
    },
    codes: { invalid_tag: "invalid_request" },
  },
};

function bySessionName({ name: session, ...params }: Members): Members {
  return { ...params, session };
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
