// Defines what one entry of the operation table says. An entry is light: its schemas are loaded when a call has to be
// checked or described, so that listing sessions from a command line costs no schema library.
import type * as z from "zod";
import type { ErrorCode } from "../errors.ts";

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Permission that a caller needs. `any`: some valid credential; `public`: none; `unix`: the unix socket only. */
export type Verb = "observe" | "input" | "create" | "kill" | "secret" | "fleet" | "admin" | "any" | "public" | "unix";

/** Values of a member of the input that need another verb than the row's. */
export interface VerbException {
  readonly member: string;
  readonly values: readonly string[];
  readonly verb: Verb;
}

/** A member of the input with which success has another status. */
export interface StatusException {
  readonly member: string;
  readonly status: 200;
}

/** Who executes it: the server asked, the server named, the owner of the session, or a session host alone. */
export type Runs = "hub" | "server" | "session" | "fleet" | "host";

/** What the audit keeps of a call: nothing of a read; else who, what and on which session, with these members of the input. */
export type AuditRule = "none" | { readonly members: readonly string[] };

/** How the command line names it: words of the command, members given by position, and examples for `--help`. */
export interface CliForm {
  readonly command: string;
  readonly positional?: readonly string[];
  /** The last of them is a list, and takes all words that are left. */
  readonly takesMany?: true;
  readonly examples: readonly string[];
  /** The words of another row's command, where no session is named: it is for many of the fleet. */
  readonly isForFleet?: true;
  /** Further commands, each for a part of what the operation does. */
  readonly also?: readonly (CliForm & { readonly summary: string })[];
}

/** How MCP clients are offered it as a tool. Rows with one name are one tool, which that face puts together. */
export interface ToolForm {
  readonly name: string;
  /** What a model is to know before it uses the tool, beside the row's summary; where the tool has a form, that says it. */
  readonly hint?: string;
  /** Of the older public API: under its prefix it is the tool that clients of that API know. */
  readonly isCore?: true;
  /** What it does may be hard to undo. */
  readonly isDestructive?: true;
  /** Done twice, it does no more than done once. */
  readonly isIdempotent?: true;
  /** Further tools of which it is a part. */
  readonly also?: readonly ToolForm[];
}

/** Where bytes stand in for JSON over HTTP. */
export interface OctetForm {
  /** Member of the input that is the raw body (base64 in JSON faces). */
  readonly body?: string;
  /** Member of the output that is the raw answer when the input says `format=raw`; the others become headers. */
  readonly answer?: string;
}

/** Where the answer over HTTP is a document of its own rather than JSON; in JSON faces it is a text. */
export interface TextForm {
  readonly mediaType: string;
}

/** How a body of the wrong shape is refused: all of it, or the member that is named. */
export interface UnusableBody {
  readonly code: "invalid_request";
  readonly member?: string;
}

export interface Schemas {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

export interface Operation<
  Name extends string = string,
  S extends Schemas = Schemas,
  Code extends ErrorCode = ErrorCode,
> {
  readonly name: Name;
  readonly summary: string;
  /** `METHOD /path/{member}`; null for rows that only a link carries. */
  readonly http: `${HttpMethod} /${string}` | null;
  /** Further paths of the same, with the same method: of older names. */
  readonly aliases?: readonly `/${string}`[];
  /** `events`: a stream of server-sent events, or JSON for who accepts only that. */
  readonly kind: "json" | "octets" | "text" | "stream" | "events";
  readonly octets?: OctetForm;
  /** Of the kind `text`. */
  readonly text?: TextForm;
  /** Status of success over HTTP. */
  readonly status: 200 | 201 | 204 | 101;
  /** Absent: the same status whatever is asked. */
  readonly statusException?: StatusException;
  readonly runs: Runs;
  readonly verb: Verb;
  /** Absent: the same verb whatever is asked. */
  readonly verbException?: VerbException;
  /** Member of the input that is a secret: it goes over no way that others can read, and is written nowhere. */
  readonly secretMember?: string;
  readonly audit: AuditRule;
  /** Part of the older public API: unknown members are ignored and named, not refused. */
  readonly core: boolean;
  /** Where a body of the wrong shape is refused with another word than `invalid_body`. */
  readonly unusable?: UnusableBody;
  /** Takes an idempotency key: carried out once for each, however often it is asked. */
  readonly keyed: boolean;
  /** Refusals beyond the general ones (`refusals.ts`): those that it can really answer, each of which has a test. */
  readonly errors: readonly Code[];
  /** Answers when something happens, or at its own `max_wait_ms`: a caller that goes meanwhile is worth telling. */
  readonly blocks: boolean;
  /** Longest answer time that a link grants before `server_timeout`, in ms; what blocks adds its own `max_wait_ms`. */
  readonly deadlineMs: number;
  readonly cli: CliForm | null;
  /** Its methods on JSON WebSockets: names, and after them older ones. Absent: it is asked for over HTTP alone. */
  readonly socket?: readonly [string, ...string[]];
  /** Absent: MCP clients are not offered it. */
  readonly tool?: ToolForm;
  readonly schemas: () => Promise<S>;
}

// biome-ignore lint/suspicious/noExplicitAny: the widest entry, so that each concrete one is assignable to it
export type AnyOperation = Operation<string, any, ErrorCode>;

export type InputOf<O extends AnyOperation> = z.input<Awaited<ReturnType<O["schemas"]>>["input"]>;
export type OutputOf<O extends AnyOperation> = z.output<Awaited<ReturnType<O["schemas"]>>["output"]>;

type Defaulted = "kind" | "status" | "core" | "keyed" | "blocks" | "deadlineMs" | "cli" | "http";

/** The verb that this very call needs. */
export function verbOf({ verb, verbException: other }: AnyOperation, input: unknown): Verb {
  const value = other && (input as Readonly<Record<string, unknown>>)[other.member];
  return other?.values.includes(value as string) ? other.verb : verb;
}

/** The status of this very call's success. */
export function statusOf({ status, statusException: other }: AnyOperation, input: Readonly<Record<string, unknown>>) {
  return other && input[other.member] !== undefined ? other.status : status;
}

/** Whether it changes nothing: then a lost answer means that nothing ran which matters. Some reads are audited all the same. */
export function isRead({ audit, http }: Pick<AnyOperation, "audit" | "http">): boolean {
  return audit === "none" || http?.startsWith("GET ") === true;
}

/** Makes an entry; what is left out is the common case: JSON, 200, new, 10 s, no command, no HTTP form. */
export function operation<const Name extends string, S extends Schemas, const Code extends ErrorCode>(
  row: Omit<Operation<Name, S, Code>, Defaulted> & Partial<Pick<Operation<Name, S, Code>, Defaulted>>,
): Operation<Name, S, Code> {
  const common = { kind: "json", status: 200, core: false, keyed: false, blocks: false, deadlineMs: 10_000 } as const;
  return { ...common, cli: null, http: null, ...row };
}
