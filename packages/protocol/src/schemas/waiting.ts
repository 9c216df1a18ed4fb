// Holds input and output shapes of the operations that wait: for one session, and for many of the fleet.
import * as z from "zod";
import {
  attention,
  commandId,
  confidence,
  count,
  exit,
  gap,
  int,
  onSession,
  openEnum,
  question,
  screen,
  screenDelta,
  screenFormat,
  screenUnchanged,
  serverRef,
  serverSet,
  sessionRef,
} from "./common.ts";
import { wanted } from "./sessions.ts";

/** Which sessions of the fleet are meant, all of it together. */
const amongAll = {
  tag: z.array(z.string()).optional().describe("any of these tags"),
  server: serverRef.optional().describe("hostname or id of one server; default: the whole fleet"),
  on: serverSet.optional(),
};

export const maxWaitMs = count().optional().describe("how long to block, default 30000, cut to 300000; 0 looks once");

const quiet = {
  timeout_ms: count().describe("how long the session must be quiet, cut to 300000"),
  max_wait_ms: maxWaitMs,
  format: screenFormat.optional(),
  last_generation: int().optional().describe("if still current, wait for the next activity first"),
  fresh: z.boolean().optional().describe("measure the quiet from now"),
};

const quietScreen = {
  screen,
  scrollback_lines: count(),
  generation: count(),
  last_activity_ms: count(),
  attention: attention.optional().describe("what the session wants; absent from servers that do not say it"),
  state: z.string().optional(),
  exit: exit.optional(),
};

export const idle = { input: z.object({ ...onSession, ...quiet }), output: z.looseObject(quietScreen) };

const waitCursor = z.string().min(1).max(128);
/** What a record lost of what it was to collect; everything is then looked at anew. */
const recordGap = z.looseObject({ dropped: count().nullable(), reason: openEnum(["slow_reader", "hub_restart"]) });

export const idleAny = {
  input: z.object({
    ...quiet,
    ...amongAll,
    last_session: z.string().min(1).max(256).optional().describe("whose generation last_generation is"),
    last_server: serverRef.optional().describe("where last_session is; default: wherever one has that name"),
    cursor: waitCursor.optional().describe("of the answer before: each settled session is returned once"),
  }),
  output: z.looseObject({
    session: z.string(),
    server: z.string(),
    id: z.string(),
    ...quietScreen,
    state: z.string(),
    cursor: waitCursor,
    gap: recordGap.optional(),
  }),
};

const pattern = z.object({
  regex: z.string().min(1).describe("RE2 syntax; ^ and $ are at line ends"),
  on: z.enum(["output", "screen"]).describe("what is printed after since, or rows that the screen shows, now or later"),
  flags: z.enum(["i"]).optional(),
});

const until = z
  .object({
    exit: z.literal(true).optional(),
    command: z
      .union([z.literal(true), commandId])
      .optional()
      .describe("a command of the shell has ended: any, or this one"),
    attention: z.array(wanted).min(1).max(6).optional().describe("the session wants one of these"),
    pattern: z.union([pattern, z.array(pattern).min(1).max(16)]).optional(),
    idle: z.object({ timeout_ms: count() }).optional().describe("quiet for so long: silence, never completion"),
  })
  .refine((conditions) => Object.values(conditions).some((one) => one !== undefined), "name at least one condition")
  .optional()
  .describe(
    'conditions; default {"exit":true,"command":true,"attention":["needs_input","needs_secret","ready","done"]}',
  );

const since = z.looseObject({
  generation: count().optional(),
  offset: count().optional(),
  attention_seq: count().optional().describe("of the answer before: what it told of attention is not told again"),
});

export const waitResult = z.looseObject({
  session: z.string(),
  server: z.string(),
  id: z.string(),
  reason: z.string(),
  confidence: confidence.nullable(),
  timed_out: z.boolean(),
  attention,
  attention_seq: count().optional().describe("counts the changes of attention; absent from servers that do not say it"),
  exit: exit.nullable(),
  exit_code: z.int().nullable().optional(),
  command: z.string().optional().describe("with reason command: its id"),
  question: question.optional().describe("the line that asks, while attention is needs_input or needs_secret"),
  match: z
    .looseObject({
      pattern: count(),
      text: z.string(),
      groups: z.array(z.string().nullable()),
      from: count().optional(),
      to: count().optional(),
      row: count().optional(),
      col: count().optional(),
    })
    .optional(),
  generation: count(),
  offset: count(),
  epoch: count(),
  screen: z.union([screen, screenDelta, screenUnchanged]).optional(),
  gap: gap.optional(),
});

export const wait = {
  input: z.object({
    ...onSession,
    until,
    since: since
      .optional()
      .describe("position from which to look; the answer of an input can be passed whole; default: now"),
    max_wait_ms: maxWaitMs,
    screen: z
      .union([z.enum(["none", "plain", "styled"]), z.object({ since_epoch: count() })])
      .optional()
      .describe("attach the screen of the moment of decision"),
  }),
  output: waitResult,
};

/** Names of sessions, ids, or either behind `host/`. */
const SELECTED_MAX = 1000;

const select = z
  .object({
    on: serverSet.optional(),
    tags: z.array(z.string()).max(64).optional().describe("any of these"),
    sessions: z.array(sessionRef).max(SELECTED_MAX).optional().describe("names, ids, or host/name"),
    attention: z.array(wanted).min(1).max(6).optional().describe("that want one of these"),
  })
  .refine(
    (asked) => Object.values(asked).some((one) => one !== undefined),
    "name at least one of on, tags, sessions, attention",
  );

export const waitAll = {
  input: z
    .object({
      select: select.optional().describe("sessions for which all of it holds, also those that come later"),
      until,
      mode: z.enum(["any", "all"]).optional().describe("answer at the next event (default), or when each had one"),
      since: z
        .record(z.string(), since)
        .refine((positions) => Object.keys(positions).length <= SELECTED_MAX, `at most ${SELECTED_MAX} positions`)
        .optional()
        .describe("where to look from, by session id; default: now"),
      cursor: waitCursor.optional().describe("of the answer before, instead of select, until, mode and since"),
      max_wait_ms: maxWaitMs,
      coalesce_ms: z.int().min(0).max(5000).optional().describe("how long to gather more events, default 50"),
      screen: z.enum(["none", "plain"]).optional().describe("attach to each event the screen of its moment"),
    })
    .refine(({ select: asked, cursor }) => (asked === undefined) !== (cursor === undefined), {
      message: "give select, or later the cursor of an answer",
      path: ["select"],
    })
    .refine(({ cursor, until: conditions, mode, since: positions }) => {
      return cursor === undefined || [conditions, mode, positions].every((one) => one === undefined);
    }, "until, mode and since belong to the first call; leave them out with a cursor"),
  output: z.looseObject({
    events: z.array(waitResult),
    cursor: waitCursor,
    done: z.boolean().describe("every selected session has had an event, or has ended"),
    timed_out: z.boolean(),
    counts: z.looseObject({ selected: count(), satisfied: count(), pending: count(), unreachable: count() }),
    pending: z
      .array(z.looseObject({ session: z.string(), server: z.string(), attention }))
      .describe("at most 100; not those of servers that cannot be reached"),
    unreachable: z.array(z.string()).describe("servers that cannot be reached, with selected sessions"),
    gap: recordGap.nullable(),
  }),
};
