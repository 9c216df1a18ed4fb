// The methods of the JSON WebSockets, made from the operation table: which row each is, whether it is asked of a session or of
// the fleet, and what of its params the row's schema takes. A loop over the rows; what differs in form stands elsewhere.
import { FleettyError } from "@fleetty/protocol/errors";
import { issuesOf, tellIssue, unknownMembers } from "@fleetty/protocol/input-issues";
import { type AnyOperation, type AskedName, askedOperations, operations } from "@fleetty/protocol/operations";
import type * as z from "zod";
import type { Members } from "../faces/body.ts";
import { withoutIdleNulls } from "../faces/null-members.ts";
import { type MethodForm, methodForms } from "./method-forms.ts";
import { type SocketRequest, unusable } from "./request-frame.ts";

export interface Method {
  readonly row: AnyOperation & { readonly name: AskedName };
  readonly schema: z.ZodType;
  readonly form: MethodForm;
  /** Whether it is asked of one session that the request, or the socket, names beside the params. */
  readonly isOfSession: boolean;
  /** What is asked instead by params that change nothing. */
  readonly reading?: Method;
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
  const named = (row.socket ?? []).map(async (name): Promise<[string, Method]> => {
    const form = methodForms[name] ?? {};
    const isOfSession = row.runs === "session" && !form.isOfFleet;
    const reading = form.reading && (await readingOf(operations[form.reading.operation]));
    return [name, { row, schema, form, isOfSession, ...(reading && { reading }) }];
  });
  return Promise.all(named);
}

/** Of its params only the server counts: the others are those of what would change something. */
async function readingOf(row: Method["row"]): Promise<Method> {
  const { input: schema } = await row.schemas();
  return {
    row,
    schema,
    form: { params: ({ server }) => (server === undefined ? {} : { server }) },
    isOfSession: false,
  };
}

/** The method that a request means by its name and its params. */
export function meantBy(method: Method, { params }: SocketRequest): Method {
  return method.reading && method.form.reading?.isMeant(params) ? method.reading : method;
}

/** Where a session is, as an operation takes it. */
export interface Bound {
  readonly session: string;
  readonly server?: string | undefined;
}

/** The input of the row that a request comes to; `bound` is the session that it is asked of. Throws `invalid_request`. */
export function inputOf(method: Method, { params, server }: SocketRequest, bound: Bound | null): Members {
  const { row, schema, form } = method;
  const said = withoutIdleNulls(form.params ? form.params(params) : params, schema);
  const given = bound ? boundTo(bound, said, row) : { ...(server !== undefined && { server }), ...said };
  const read = schema.safeParse(given);
  if (!read.success) throw refused(issuesOf(read.error));
  const unknown = unknownMembers(given, read.data);
  if (unknown.length > 0 && !row.core) throw refused(unknown.map((path) => ({ path, message: "is not known" })));
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
