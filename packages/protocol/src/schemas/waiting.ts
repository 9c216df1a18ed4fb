// Holds input and output shapes of the operations that wait for a session.
import * as z from "zod";
import {
  attention,
  confidence,
  count,
  exit,
  gap,
  int,
  screen,
  screenDelta,
  screenFormat,
  screenUnchanged,
  serverRef,
  sessionRef,
} from "./common.ts";

const onSession = { session: sessionRef, server: serverRef.optional() };

const maxWaitMs = count().optional().describe("how long to block, default 30000, cut to 300000; 0 looks once");

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
  state: z.string().optional(),
  exit: exit.optional(),
};

export const idle = { input: z.object({ ...onSession, ...quiet }), output: z.looseObject(quietScreen) };

const pattern = z.object({
  regex: z.string().min(1),
  on: z.enum(["output", "screen"]),
  flags: z.enum(["i"]).optional(),
});

const until = z
  .object({
    exit: z.literal(true).optional(),
    pattern: z.union([pattern, z.array(pattern).min(1).max(16)]).optional(),
    idle: z.object({ timeout_ms: count() }).optional(),
  })
  .refine((conditions) => Object.values(conditions).some((one) => one !== undefined), "name at least one condition")
  .optional()
  .describe('conditions; default {"exit":true}');

const since = z.looseObject({ generation: count().optional(), offset: count().optional() });

const waitResult = z.looseObject({
  session: z.string(),
  server: z.string(),
  id: z.string(),
  reason: z.string(),
  confidence: confidence.nullable(),
  timed_out: z.boolean(),
  attention,
  exit: exit.nullable(),
  exit_code: z.int().nullable().optional(),
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
