// Holds the wire shapes that several operations share. Plain shapes without transforms, so that both ends, OpenAPI and
// the command line read the same definition. Outputs stay open: an older client must survive a new member or word.
import * as z from "zod";

/** A word that may grow: known values are typed and documented, unknown ones pass. */
export function openEnum<const Known extends readonly string[]>(known: Known) {
  return z.string().meta({ examples: [...known] }) as unknown as z.ZodType<Known[number] | (string & {})>;
}

/** An integer that JSON carries exactly. */
export const int = () => z.int();
/** A count or position: 0 or more. */
export const count = () => z.int().min(0);
/** A size as it may be asked for; the effective size is clamped by the session host. */
export const extent = () => z.int().min(0).max(65_535);

const NUL_FREE = /^[^\0]*$/;
/** Text that ends up in a process: NUL cannot be passed on (execve). */
export const processText = () => z.string().regex(NUL_FREE, "must not contain NUL");

/** Server sets (public contract, addressing). */
export const serverSet = z.string().min(1).max(4096).describe("server set, such as web-[1-3],!web-2 or @role=db");
export const serverRef = z.string().min(1).max(253).describe("hostname or id of the server; default: this one");
export const sessionRef = z.string().min(1).max(256).describe("session name or id, or host/name");
/** In whatever is asked of one session. */
export const onSession = {
  session: sessionRef,
  server: serverRef.optional().describe("hostname or id of the server; default: the one that has the session"),
};
/** The id of a command of a shell, while it runs and after. */
export const commandId = z
  .string()
  .regex(/^cmd_[0-9A-HJKMNP-TV-Z]{26}$/, "is no id of a command, such as cmd_01K3ZC5E7G9J1M3P5R7T9W1Y3A");
export const time = z.iso.datetime({ precision: 3 }).describe("RFC 3339 in UTC with milliseconds");

export const confidence = openEnum(["exact", "strong", "heuristic"]);
export const attention = openEnum(["working", "needs_input", "needs_secret", "ready", "done", "unknown"]);
/** The line that asks, in the row and of the epoch of the screen that shows it. */
export const question = z.looseObject({ text: z.string(), row: count(), epoch: count() });
export const sessionState = openEnum(["starting", "running", "exited", "unreachable"]);

/** How a session ended; `unknown` when its machine or session host was lost. */
export const exit = z.union([
  z.looseObject({ code: z.int() }),
  z.looseObject({ signal: z.string() }),
  z.looseObject({ unknown: z.literal(true) }),
]);

/** A refusal as it stands within an answer: in a list, of one server or target. */
export const wireError = z.looseObject({
  code: z.string(),
  message: z.string(),
  details: z.looseObject({}).optional(),
});

export const position = z.looseObject({ generation: count(), offset: count() });

export const screenFormat = z.enum(["styled", "plain"]);

export const color = z.union([
  z.looseObject({ indexed: int() }),
  z.looseObject({ rgb: z.looseObject({ r: int(), g: int(), b: int() }) }),
]);

const set = z.literal(true).optional();
export const span = z.looseObject({
  text: z.string(),
  fg: color.optional(),
  bg: color.optional(),
  bold: set,
  faint: set,
  italic: set,
  underline: set,
  strikethrough: set,
  blink: set,
  inverse: set,
});

export const line = z.union([z.array(span), z.string()]);

const cursor = z.looseObject({ row: count(), col: count(), visible: z.boolean() });

/** What stands out on a screen; `col` is that of its first character that is no blank. */
const highlight = z.looseObject({
  row: count(),
  col: count(),
  text: z.string(),
  by: openEnum(["inverse", "background", "cursor"]),
});

/** The emulated grid at one moment; `lines` has exactly `rows` entries. */
export const screen = z.looseObject({
  epoch: count(),
  first_line_index: count(),
  total_lines: count(),
  lines: z.array(line),
  cursor,
  cols: count(),
  rows: count(),
  alternate_active: z.boolean(),
  generation: count(),
  offset: count(),
  highlights: z.array(highlight).optional().describe("when asked for"),
  last_activity_ms: count().optional(),
});

export const screenUnchanged = z.looseObject({
  epoch: count(),
  unchanged: z.literal(true),
  generation: count(),
  offset: count(),
});

/** Only what differs from the copy of `since_epoch`. */
export const screenDelta = z.looseObject({
  ...screen.shape,
  lines: z.undefined().optional(),
  since_epoch: count(),
  changed: z.array(z.looseObject({ row: count(), line })),
});

export const gap = z.looseObject({
  from: count(),
  to: count(),
  reason: openEnum(["skipped", "expired", "limit", "not_recorded", "lost"]),
});

/** As everybody may see it: its id is its holder's. */
export const leaseShown = z.looseObject({
  holder: z.string().describe("name of the principal"),
  kind: openEnum(["human", "agent"]),
  expires_at: time,
});

export const sessionInfo = z.looseObject({
  name: z.string(),
  server: z.string(),
  pid: z.int().nullable(),
  command: z.string(),
  rows: count(),
  cols: count(),
  clients: count(),
  tags: z.array(z.string()),
  last_activity_ms: count(),
  id: z.string(),
  state: sessionState,
  exit: exit.nullable(),
  end_reason: z.string().nullable(),
  created_at: time,
  exited_at: time.nullable(),
  generation: count(),
  offset: count(),
  epoch: count(),
  attention,
  attention_since: time,
  attention_confidence: confidence.optional().describe("how sure that is; absent from servers that do not say it"),
  title: z.string(),
  cwd: z.string().nullable(),
  recording: z.boolean(),
  workspace: z.string().nullable(),
  lease: leaseShown.nullable().describe("who may write just now; null: everybody"),
  as_of: time.optional().describe("when this was known last, of a session whose server cannot be reached"),
  tail: z.string().optional().describe("what a program said last that ended within a second; not in lists"),
});

/** What is asked of a list that comes in pages. */
export const pageInput = {
  limit: z.int().min(1).max(1000).optional().describe("default 100"),
  cursor: z.string().max(1024).optional().describe("next_cursor of the page before"),
};

/** One page of a list. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.looseObject({
    items: z.array(item),
    next_cursor: z.string().nullable().describe("null: this is the last page"),
  });
}

/** 204: nothing to say. */
export const nothing = z.undefined();

export type SessionInfo = z.infer<typeof sessionInfo>;
export type Screen = z.infer<typeof screen>;
export type ScreenDelta = z.infer<typeof screenDelta>;
export type ScreenUnchanged = z.infer<typeof screenUnchanged>;
export type Exit = { code: number } | { signal: string } | { unknown: true };
export type Position = z.infer<typeof position>;
export type Gap = z.infer<typeof gap>;
export type Confidence = z.infer<typeof confidence>;
