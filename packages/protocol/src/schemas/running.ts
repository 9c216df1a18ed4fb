// Holds input and output shapes of running a command in a shell, and of why a session is seen as it is.
import * as z from "zod";
import {
  attention,
  commandId,
  confidence,
  count,
  exit,
  int,
  leaseShown,
  onSession,
  openEnum,
  question,
  screen,
  screenDelta,
  screenUnchanged,
  time,
} from "./common.ts";
import { typing } from "./sessions.ts";
import { maxWaitMs } from "./waiting.ts";

/** Characters of a command (public limits). */
const COMMAND_MAX = 65_536;
/** Bytes of rendered output in one answer (public limits). */
const OUTPUT_MAX_BYTES = 262_144;
const READY_WAIT_MAX_MS = 300_000;

export const run = {
  input: z
    .object({
      ...onSession,
      ...typing,
      command: z
        .string()
        .min(1)
        .max(COMMAND_MAX)
        .regex(/^(?:[^\p{Cc}]|[\t\n])*$/u, "must not contain control characters but tab and newline")
        .optional()
        .describe("as typed, without the last newline"),
      resume: commandId.optional().describe("go on with a command that an earlier run began; types nothing"),
      since: count().optional().describe("with resume: output from this offset on, as the earlier answer's to"),
      max_wait_ms: maxWaitMs,
      ready_wait_ms: z
        .int()
        .min(0)
        .max(READY_WAIT_MAX_MS)
        .optional()
        .describe("how long the shell may take to be at its prompt before anything is typed, default 2000"),
      max_bytes: z.int().min(0).max(OUTPUT_MAX_BYTES).optional().describe("of output in the answer, default 16384"),
      head_bytes: z
        .int()
        .min(0)
        .max(OUTPUT_MAX_BYTES)
        .optional()
        .describe("of them kept from the beginning when there is more; default a quarter, the rest is the end"),
      stop_on: z
        .array(z.enum(["needs_input", "needs_secret"]))
        .max(2)
        .optional()
        .describe("answer when the command asks for this; default both"),
      screen: z
        .union([z.enum(["none", "plain", "styled"]), z.object({ since_epoch: count() })])
        .optional()
        .describe("attach the screen of the moment of decision"),
    })
    .refine(({ command, resume }) => (command === undefined) !== (resume === undefined), {
      message: "give command, or later the resume of its answer",
      path: ["command"],
    })
    .refine(({ since, resume }) => since === undefined || resume !== undefined, {
      message: "since goes with resume",
      path: ["since"],
    })
    .refine(({ head_bytes: head = 0, max_bytes: max = OUTPUT_MAX_BYTES }) => head <= max, {
      message: "at most max_bytes",
      path: ["head_bytes"],
    }),
  output: z.looseObject({
    session: z.string(),
    server: z.string(),
    id: z.string(),
    command: z.string().describe("id of the command, for resume, wait and output"),
    reason: openEnum(["command", "exit", "needs_input", "needs_secret", "timeout"]),
    confidence: confidence.nullable().describe("null for timeout"),
    timed_out: z.boolean(),
    exit_code: z.int().nullable().describe("of the command, or with reason exit of the session; null: not known"),
    exit: exit.nullable().describe("of the session, once it has ended"),
    duration_ms: count(),
    cwd: z
      .string()
      .nullable()
      .describe("of the shell at the end of the command; null while it runs or where not known"),
    output: z.string().describe("what it printed, rendered as text; the head where there is a tail"),
    tail: z.string().optional(),
    omitted: z
      .looseObject({ bytes: count(), from: count(), to: count() })
      .nullable()
      .describe("between output and tail, or before output where it was no longer kept; null: nothing"),
    from: count(),
    to: count(),
    attention,
    question: question.optional(),
    generation: count(),
    offset: count(),
    epoch: count(),
    screen: z.union([screen, screenDelta, screenUnchanged]).optional(),
    duplicate: z.literal(true).optional().describe("typed before under this input_id, and not again"),
  }),
};

const evidence = z.looseObject({
  source: openEnum(["mark", "kernel", "process", "hook", "pattern", "quiet", "link"]),
  rule: z.string(),
  says: z.string(),
  at: time,
  offset: count().optional(),
});

export const explain = {
  input: z.object({ ...onSession }),
  output: z.looseObject({
    session: z.string(),
    server: z.string(),
    id: z.string(),
    state: z.string(),
    exit: exit.nullable(),
    attention,
    confidence,
    rule: z.string().describe("the rule that decided, as the guide to attention names it"),
    since: time,
    question: question.optional(),
    evidence: z.array(evidence).describe("newest first, at most 20"),
    history: z
      .array(z.looseObject({ attention, confidence, rule: z.string(), at: time, generation: count(), offset: count() }))
      .describe("what was wanted before, newest first, at most 20"),
    foreground: z
      .looseObject({
        pgid: int(),
        processes: z.array(z.looseObject({ pid: int(), command: z.string(), waiting_on: z.string() })),
      })
      .nullable(),
    terminal: z
      .looseObject({
        echo: z.boolean(),
        line_mode: z.boolean(),
        bracketed_paste: z.boolean(),
        alternate_active: z.boolean(),
      })
      .nullable(),
    integration: z.looseObject({ shell: z.string().nullable(), active: z.boolean() }),
    last_command: z
      .looseObject({
        id: z.string(),
        command: z.string().nullable(),
        exit_code: z.int().nullable(),
        from: count(),
        to: count().nullable(),
      })
      .nullable(),
    prompt: z
      .looseObject({
        by: openEnum(["argument", "file", "paste"]),
        state: openEnum(["waiting", "given", "failed"]),
        because: z
          .string()
          .optional()
          .describe("what keeps it from being pasted, or how that failed: a refusal's code"),
      })
      .nullable()
      .optional()
      .describe("that the session was started with; null: none"),
    last_output_ms: count().nullable(),
    last_input_ms: count().nullable(),
    lease: leaseShown.nullable().optional().describe("who has the right to type; null: nobody"),
    clients: count().describe("who watches"),
    link: z
      .looseObject({ health: z.string(), latency_ms: z.number().nullable() })
      .optional()
      .describe("how the session's server is reached"),
  }),
};
