// The methods of the JSON WebSockets, made from the operation table: which row each is, whether it is asked of a session or of
// the fleet, and what of its params the row's schema takes. A loop over the rows; what differs in form stands elsewhere.
import { FleettyError } from "@fleetty/protocol/errors";
import { issuesOf, notKnown, tellIssue, unknownMembers } from "@fleetty/protocol/input-issues";
import { type AnyOperation, type AskedName, askedOperations } from "@fleetty/protocol/operations";
import type * as z from "zod";
import type { Members } from "../faces/body.ts";
import { withoutIdleNulls } from "../faces/null-members.ts";
import { issueOf, type MethodForm, methodForms, paramsOf } from "./method-forms.ts";
import { type SocketRequest, unusable } from "./request-frame.ts";

export interface Method {
  readonly row: AnyOperation & { readonly name: AskedName };
  readonly schema: z.ZodType;
  readonly form: MethodForm;
  /** Whether it is asked of one session that the request, or the socket, names beside the params. */
  readonly isOfSession: boolean;
}

/** By name, older names among them. */
export type Methods = ReadonlyMap<string, Method>;

export async function loadMethods(): Promise<Methods> {
  const rows = (Object.values(askedOperations) as Method["row"][]).filter(({ socket }) => socket !== undefined);
  const methods = await Promise.all(rows.map(methodsOf));
  return new Map(methods.flat());
}

async function methodsOf(row: Method["row"]): Promise<[string, Method][]> {
  const { input: schema } = await row.schemas();
  return (row.socket ?? []).map((name): [string, Method] => {
    const form = methodForms[name] ?? {};
    const isOfSession = row.runs === "session" && !form.isOfFleet;
    return [name, { row, schema, form, isOfSession }];
  });
}

/** Where a session is, as an operation takes it. */
export interface Bound {
  readonly session: string;
  readonly server?: string | undefined;
}

/** The input of the row that a request comes to; `bound` is the session that it is asked of. Throws `invalid_request`. */
export function inputOf(method: Method, { params, server }: SocketRequest, bound: Bound | null): Members {
  const { row, schema, form } = method;
  const said = withoutIdleNulls(paramsOf(form, params), schema);
  const given = bound ? boundTo(bound, said, row) : { ...(server !== undefined && { server }), ...said };
  const read = schema.safeParse(given);
  if (!read.success) throw refused(issuesOf(read.error).map((issue) => issueOf(form, issue)));
  const unknown = unknownMembers(given, read.data);
  if (unknown.length > 0 && !row.core) throw refused(notKnown(unknown));
  return { ...(read.data as Members), ...(bound?.server !== undefined && { server: bound.server }) };
}

/** The session stands beside the params: what they say of one is not known, and never obeyed. */
function boundTo({ session: bound }: Bound, { session, server, ...params }: Members, { core }: Method["row"]): Members {
  const isNamedTwice = session !== undefined || server !== undefined;
  if (isNamedTwice && !core) throw unusable("params", "name no session and no server; they stand beside them");
  return { ...params, session: bound };
}

function refused(issues: ReturnType<typeof issuesOf>): FleettyError {
  const [first] = issues as [(typeof issues)[number]];
  return new FleettyError("invalid_request", tellIssue(first), { issues });
}
