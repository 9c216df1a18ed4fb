// Forms of the tools that wait for quiet: alone, of one session or of many, or after something was typed. Silence is never
// completion, and what they say of themselves says so.
import { count, exit, screen, sessionRef, sessionState } from "@fleetty/protocol/schemas/common";
import { keys as pressKeys } from "@fleetty/protocol/schemas/sessions";
import { idleAny } from "@fleetty/protocol/schemas/waiting";
import * as z from "zod";
import { invalidParams } from "../arguments.ts";
import { type Asked, form, type Style } from "../tool.ts";
import { defaultFormat, formatMember } from "./reading.ts";
import { bytesOf } from "./typing.ts";

const { server, tag, on, cursor, last_generation, fresh } = idleAny.input.shape;

const quiet = {
  timeout_ms: count().default(2_000).describe("how long it must be quiet, cut to 300000; default 2000"),
  max_wait_ms: count().default(30_000).describe("how long to wait for that, default 30000, cut to 300000"),
};

const idle = z.object({
  session: sessionRef
    .optional()
    .describe("name or id, or host/name; without one: the first of the fleet that is quiet"),
  server,
  tag,
  on,
  cursor,
  ...quiet,
  last_generation,
  fresh,
});

const typed = z.object({
  session: sessionRef,
  server: server.optional(),
  input: z.string().min(1).max(1_048_576).optional().describe("typed exactly as it is: end it in a newline to run it"),
  encoding: z.enum(["utf8", "base64"]).optional().describe("of input, default utf8"),
  keys: pressKeys.input.shape.keys.optional().describe('names of keys, or {"text": …}; in place of input'),
  ...quiet,
});

/** Of a session that has ended meanwhile: it will be quiet for ever. */
const ended = { state: sessionState.optional(), exit: exit.nullable().optional() };

type Idle = z.output<typeof idle>;
type Typed = z.output<typeof typed> & { readonly format?: "styled" | "plain" | undefined };

export function idleForms(style: Style) {
  const format = formatMember(style);
  const { keys: _, input, ...withoutKeys } = typed.shape;
  const after = (given: Typed, asked: Asked) => typeAndRead({ format: defaultFormat(style), ...given }, asked);
  const output = z.looseObject({ screen, generation: count(), ...ended });
  return {
    await_idle: form({
      says: "Wait until a session is quiet, or without one the first of many. Quiet is not done: prefer wait or run.",
      input: idle,
      output: z.looseObject({
        status: z.literal("idle"),
        generation: count(),
        session: z.string().optional(),
        server: z.string().optional(),
        id: z.string().optional(),
        cursor: z.string().optional(),
        ...ended,
      }),
      answer: awaitIdle,
    }),
    run_command: form({
      says: "Type text, wait until the session is quiet, and read its screen. For a command in a shell prefer run.",
      input: z.object({ ...withoutKeys, input: input.unwrap(), format }),
      output,
      answer: after,
    }),
    send_and_read: form({
      says: "Type text or press keys, wait until the session is quiet, and read its screen.",
      input: z.object({ ...typed.shape, format }),
      output,
      answer: after,
    }),
  };
}

async function awaitIdle(
  { session, tag: tags, on: set, cursor: after, ...rest }: Idle,
  asked: Asked,
): Promise<unknown> {
  if (session !== undefined) {
    const { generation, state, exit: how } = await asked.call("sessions.idle", { session, ...rest, format: "plain" });
    return { status: "idle", generation, ...(state !== undefined && { state, exit: how }) };
  }
  const first = await asked.call("sessions.idle_any", { ...rest, tag: tags, on: set, cursor: after, format: "plain" });
  const { generation, session: name, server: host, id, state, exit: how } = first;
  const end = how === undefined ? {} : { state, exit: how };
  return { status: "idle", generation, session: name, server: host, id, ...end, cursor: first.cursor };
}

async function typeAndRead({ session, server: host, timeout_ms, max_wait_ms, format, ...what }: Typed, asked: Asked) {
  const { id } = await asked.call("sessions.get", { session, server: host });
  const on = { session: id, server: asked.server() ?? undefined };
  await typeOnce(what, on, asked);
  const quietOne = await asked.call("sessions.idle", { ...on, timeout_ms, max_wait_ms, format });
  const { screen: seen, generation, state, exit: how } = quietOne;
  return { screen: seen, generation, ...(state !== undefined && { state, exit: how }) };
}

type What = Pick<Typed, "input" | "encoding" | "keys">;

async function typeOnce(
  { input, encoding = "utf8", keys }: What,
  on: { session: string },
  asked: Asked,
): Promise<void> {
  if ((input === undefined) === (keys === undefined)) throw invalidParams("give input or keys, one of the two");
  if (keys !== undefined) await asked.call("sessions.keys", { ...on, keys });
  else await asked.call("sessions.input", { ...on, data: bytesOf(input as string, encoding).toString("base64") });
}
