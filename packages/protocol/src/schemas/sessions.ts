// Holds input and output shapes of the operations on sessions, one export per operation, named by its last word.
// Loaded only when a call has to be checked or described; the operation table itself does not need it.
import * as z from "zod";
import {
  commandId,
  count,
  exit,
  extent,
  gap,
  int,
  line,
  nothing,
  onSession,
  position,
  screen,
  screenDelta,
  screenFormat,
  screenUnchanged,
  serverRef,
  serverSet,
  sessionInfo,
  sessionRef,
  wireError,
} from "./common.ts";
import { heldLease } from "./leases.ts";
import { secretName, secretValue } from "./secrets.ts";

const ofFleet = {
  server: serverRef.optional().describe("hostname or id of one server; default: the whole fleet"),
  on: serverSet.optional(),
};

/** What a session can be asked to want. */
export const wanted = z.enum(["working", "needs_input", "needs_secret", "ready", "done", "unknown"]);

/** A list that says of each server whether its sessions are in it. */
export const listEnvelope = z.looseObject({
  sessions: z.array(sessionInfo),
  servers: z.array(z.looseObject({ hostname: z.string(), ok: z.boolean(), error: wireError.optional() })),
  next_cursor: z.string().nullable(),
});

export type ListEnvelope = z.infer<typeof listEnvelope>;

export const list = {
  input: z.object({
    tag: z.array(z.string()).optional().describe("any of these tags"),
    ...ofFleet,
    include: z
      .array(z.enum(["exited", "unreachable"]))
      .optional()
      .describe("also sessions that have ended; those of servers that cannot be reached, as they were known last"),
    attention: z.array(wanted).optional().describe("only those that want one of these"),
    deadline_ms: z.int().min(100).max(30_000).optional().describe("how long each server has, default 2000"),
    envelope: z.boolean().optional().describe("an object that also says how each server fared"),
    limit: z.int().min(1).max(1000).optional().describe("sessions at most; default: all"),
    cursor: z.string().max(1024).optional().describe("where the page before ended"),
  }),
  // Typed as what it is without `envelope`; who asks for one knows.
  output: z.union([z.array(sessionInfo), listEnvelope]) as unknown as z.ZodArray<typeof sessionInfo>,
};

export const get = {
  input: z.object({
    ...onSession,
    include: z
      .array(z.enum(["unreachable"]))
      .optional()
      .describe("what was known last, where its server cannot be reached"),
  }),
  output: sessionInfo,
};

const labels = {
  name: z.string().optional().describe("unique among live sessions"),
  add_tags: z.array(z.string()).optional().describe("tags that it is to have"),
  remove_tags: z.array(z.string()).optional().describe("tags that it is to lose"),
};

export const update = { input: z.object({ ...onSession, ...labels }), output: sessionInfo };

/** The update as the session host makes it: what it was called, and which tags have come and gone. */
export const label = {
  input: z.object({ session: sessionRef, ...labels }),
  output: z.looseObject({
    session: sessionInfo,
    old_name: z.string(),
    added: z.array(z.string()),
    removed: z.array(z.string()),
  }),
};

export const kill = {
  input: z.object({
    ...onSession,
    grace_ms: z.int().min(0).max(30_000).optional().describe("0: KILL at once; else HUP and TERM first"),
  }),
  output: nothing,
};

/** The kill as the worker sees it: what was signalled, for the exit record. */
export const end = {
  input: z.object({ session: sessionRef, grace_ms: z.int().min(0).max(30_000).optional() }),
  output: z.looseObject({ exit: exit.nullable() }),
};

/** What every operation that types can say beside what it types. */
export const typing = {
  input_id: z.string().min(1).max(64).optional().describe("typed once under this id, however often it is sent"),
  client: z.string().min(1).max(64).optional().describe("keeps the ids of callers apart that share a token"),
  if_generation: int().optional().describe("only if the session's generation is still this one"),
  if_epoch: int().optional().describe("only if the screen's epoch is still this one"),
  lease: heldLease,
};

/** The position before what was typed. `duplicate`: it had been typed before, and was not again. */
const typed = z.looseObject({
  ...position.shape,
  input_id: z.string().optional(),
  duplicate: z.literal(true).optional(),
});

export const input = {
  input: z.object({ ...onSession, ...typing, data: z.base64().describe("the bytes; over HTTP the raw body") }),
  output: typed,
};

/** Characters that one call may type, repetitions counted. */
const TEXT_MAX = 1_048_576;

const stroke = z.union([z.string(), z.object({ key: z.string() }), z.object({ text: z.string() })]);

export const keys = {
  input: z
    .object({
      ...onSession,
      ...typing,
      keys: z.array(stroke).min(1).max(256).describe('names of keys, or {"text": …} to be typed as it is'),
      repeat: z.int().min(1).max(100).optional().describe("how often the whole list, default 1"),
    })
    .refine(({ keys, repeat = 1 }) => repeat * lengthOf(keys) <= TEXT_MAX, {
      message: `at most ${TEXT_MAX} characters, repetitions counted`,
      path: ["keys"],
    }),
  output: z.looseObject({ ...typed.shape, bytes: count() }),
};

function lengthOf(keys: readonly z.infer<typeof stroke>[]): number {
  return keys.reduce((sum, one) => sum + (typeof one === "object" && "text" in one ? one.text.length : 0), 0);
}

export const paste = {
  input: z.object({
    ...onSession,
    ...typing,
    text: z.string().max(TEXT_MAX).describe("line ends become Enter; other control characters but tab are left out"),
    bracketed: z
      .enum(["auto", "require", "never"])
      .optional()
      .describe("in brackets if the program asked for them (default), or else refuse, or never"),
    enter: z.boolean().optional().describe("press Enter after it, outside of the brackets"),
  }),
  output: z.looseObject({ ...typed.shape, bracketed: z.boolean() }),
};

const secretTerms = {
  ...typing,
  enter: z.boolean().optional().describe("press Enter after it, default true"),
  wait_ms: z.int().min(0).max(30_000).optional().describe("how long to wait for a prompt that asks, default 0"),
};

export const secret = {
  input: z
    .object({
      ...onSession,
      name: secretName.optional().describe("of one that the session's server knows"),
      value: secretValue.optional(),
      ...secretTerms,
    })
    .refine(({ name, value }) => (name === undefined) !== (value === undefined), {
      message: "give name or value, one of the two",
      path: ["name"],
    }),
  output: z.looseObject({ ...typed.shape, secret: z.string().nullable().describe("its name; null: it had none") }),
};

/** As the worker sends it on: what the name stands for, and where it may be typed. */
export const typeSecret = {
  input: z.object({
    session: sessionRef,
    name: z.string().optional(),
    value: z.string(),
    prompt: z.string().optional(),
    ...secretTerms,
  }),
  output: typed,
};

export const resize = {
  input: z.object({ ...onSession, rows: extent(), cols: extent(), lease: heldLease }),
  output: z.looseObject({ rows: count(), cols: count(), epoch: count() }),
};

const SIGNALS = ["HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM", "CONT", "STOP", "TSTP", "WINCH"] as const;
const SIGNALS_IN_FULL = SIGNALS.map((name) => `SIG${name}` as const);

export const signal = {
  input: z.object({
    ...onSession,
    signal: z.enum([...SIGNALS, ...SIGNALS_IN_FULL]),
    to: z.enum(["foreground", "session"]).optional().describe("what is in the foreground (default), or every process"),
  }),
  output: z.looseObject({ signal: z.string(), pids: z.array(z.int()) }),
};

export const readScreen = {
  input: z.object({
    ...onSession,
    format: screenFormat.optional().describe("styled spans (default) or plain strings"),
    since_epoch: count().optional().describe("return only what changed since that epoch"),
    highlights: z.boolean().optional().describe("also say what stands out, such as what a menu has chosen"),
  }),
  output: z.union([screen, screenDelta, screenUnchanged]),
};

export const scrollback = {
  input: z.object({
    ...onSession,
    format: screenFormat.optional().describe("styled spans (default) or plain strings"),
    offset: int().optional().describe("first line; 0 is the oldest kept, negative counts from the end; default 0"),
    limit: count().optional().describe("lines, default 100, cut to 10000; 8 MiB at most"),
  }),
  output: z.looseObject({ epoch: count(), lines: z.array(line), total_lines: count(), offset: count() }),
};

/** The screen as bytes that repaint it on a reset terminal of its size; `offset` is where the stream goes on. */
export const snapshot = {
  input: z.object({ session: sessionRef }),
  output: z.looseObject({ offset: count(), cols: count(), rows: count(), alternate: z.boolean(), vt: z.string() }),
};

export const output = {
  input: z
    .object({
      ...onSession,
      from: int().optional().describe("first byte; negative counts from the end; default: the oldest kept"),
      to: count().optional().describe("end, exclusive; default: the present end"),
      command: commandId.optional().describe("what this command printed, instead of from and to"),
      format: z.enum(["text", "base64", "raw"]).optional().describe("text as printed (default), base64, or raw bytes"),
      max_bytes: z.int().min(1).max(1_048_576).optional().describe("of the stream, default 65536"),
    })
    .refine(({ command, from, to }) => command === undefined || (from === undefined && to === undefined), {
      message: "command stands instead of from and to",
      path: ["command"],
    }),
  output: z.looseObject({
    from: count(),
    to: count(),
    end: count(),
    oldest: count(),
    text: z.string().optional(),
    data: z.string().optional(),
    next: count().nullable(),
    gaps: z.array(gap),
  }),
};

export const detach = { input: z.object(onSession), output: nothing };
