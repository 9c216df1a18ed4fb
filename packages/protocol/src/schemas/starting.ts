// Holds input and output shapes of what starts a session: as a caller asks for it, as a hub sends it to a worker with its
// preset resolved, and as a worker sends it to a session host with everything decided.
import * as z from "zod";
import { count, extent, processText, serverRef, serverSet, sessionInfo } from "./common.ts";
import { presetName, programName } from "./presets.ts";

/** Entries and bytes of the environment that a create may bring (docs/protocol.md, limits). */
const ENV_MAX_ENTRIES = 256;
const ENV_MAX_BYTES = 128 * 1024;
/** Bytes of a prompt: with it a program's argument stays below what Linux takes (MAX_ARG_STRLEN). */
const PROMPT_MAX_BYTES = 64 * 1024;
/** Of one preset: each is held against a line whenever its session is looked at. */
const RULES_MAX = 64;

/** As the program gets them: `NAME=value` and a NUL each, in UTF-8. */
function environmentBytes(env: Readonly<Record<string, string>>): number {
  return Object.entries(env).reduce((sum, [name, value]) => sum + bytesOf(`${name}=${value}`) + 1, 0);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

const environment = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of a variable"), processText())
  .refine((env) => Object.keys(env).length <= ENV_MAX_ENTRIES, `at most ${ENV_MAX_ENTRIES} variables`)
  .refine((env) => environmentBytes(env) <= ENV_MAX_BYTES, `at most ${ENV_MAX_BYTES} bytes of variables`)
  .describe("added to an allow list of the server's environment; values are never stored or shown");

const promptText = processText()
  .min(1)
  .max(PROMPT_MAX_BYTES)
  .refine((text) => bytesOf(text) <= PROMPT_MAX_BYTES, `at most ${PROMPT_MAX_BYTES} bytes`);

/** What ends a session by itself; never so soon that a slow start is taken for it. */
const SHORTEST_LIFE_MS = 60_000;

const startMembers = {
  name: z.string().optional().describe("unique among live sessions; default: the next number"),
  command: processText().min(1).optional().describe("run by /bin/sh -ic; default: your shell"),
  argv: z
    .array(processText())
    .min(1)
    .max(4096)
    .optional()
    .describe("program and arguments, without a shell; with preset: further arguments of its program"),
  cwd: processText().min(1).optional().describe("absolute or ~/…; default: home directory"),
  env: environment.optional(),
  rows: extent().optional().describe("default 24, clamped to 1…1000"),
  cols: extent().optional().describe("default 80, clamped to 1…1000"),
  tags: z.array(z.string()).optional().describe("words to find the session by"),
  time_limit_ms: z.int().min(SHORTEST_LIFE_MS).optional().describe("end the session after so long"),
  idle_exit_ms: z
    .int()
    .min(SHORTEST_LIFE_MS)
    .optional()
    .describe("end the session when it has been quiet and unwatched for so long"),
  integration: z
    .enum(["auto", "off"])
    .optional()
    .describe("have known shells mark their prompts and commands (auto, the default), or leave them alone"),
};

type Program = { command?: string | undefined; argv?: string[] | undefined; preset?: string | undefined };

const oneProgram = {
  check: ({ command, argv, preset }: Program) => command === undefined || (argv === undefined && preset === undefined),
  problem: { message: "stands alone: give command, or argv, or preset with or without argv", path: ["command"] },
};

const placement = z.looseObject({
  asked: z.looseObject({ on: z.string().optional(), tool: z.string().optional() }),
  considered: count(),
  rejected: z.array(z.looseObject({ server: z.string(), because: z.string() })),
  scores: z.array(z.looseObject({ server: z.string(), load: z.number().describe("sessions by slots") })),
  chosen: z.string(),
});

export const create = {
  input: z
    .object({
      ...startMembers,
      preset: presetName.optional().describe("one of the programs that this server knows how to start (presets)"),
      prompt: promptText
        .optional()
        .describe("first text for the program: as its preset says, else pasted with Enter once it waits for input"),
      server: serverRef.optional(),
      on: serverSet.optional().describe("start it on the least loaded of these servers"),
      tool: programName.optional().describe("start it on a server that has this program, with or without on"),
      wait_ms: z
        .int()
        .min(0)
        .max(600_000)
        .optional()
        .describe("with on or tool: how long to wait for a server with room"),
    })
    .refine(oneProgram.check, oneProgram.problem),
  output: z.looseObject({ ...sessionInfo.shape, placement: placement.optional().describe("how on or tool chose") }),
};

/** What only hubs and workers send, of a session that begins with a prompt or whose lines mean something. */
const resolved = {
  prompt: z
    .object({
      text: promptText,
      by: z.enum(["argument", "file", "paste"]),
      at: count().optional().describe("the element of argv whose {prompt} or {prompt_file} it replaces"),
    })
    .optional(),
  rules: z
    .array(z.object({ when: z.string().max(1024), attention: z.enum(["needs_input", "ready", "working", "done"]) }))
    .max(RULES_MAX)
    .optional()
    .describe("regular expressions for its last line, and what it wants where one matches"),
};

/** What the hub sends on to the worker: create with its id chosen, its server and its preset resolved. */
export const start = {
  input: z.object({ ...startMembers, ...resolved, id: z.string() }).refine(oneProgram.check, oneProgram.problem),
  output: sessionInfo,
};

/** What the worker sends on to a session host: everything decided, nothing left to look up. */
export const spawn = {
  input: z.object({
    id: z.string(),
    name: z.string(),
    server: z.string(),
    command: z.string(),
    argv: z.array(z.string()).min(1),
    cwd: z.string(),
    env: z.record(z.string(), z.string()),
    cols: z.int().min(1),
    rows: z.int().min(1),
    tags: z.array(z.string()),
    created_at: z.string(),
    time_limit_ms: z.int().min(1).optional(),
    idle_exit_ms: z.int().min(1).optional(),
    integration: z.enum(["auto", "off"]).optional(),
    ...resolved,
  }),
  output: sessionInfo,
};
