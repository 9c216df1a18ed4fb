// Forms of the tools that wait for quiet: alone, of one session or of many, or after something was typed. Silence is never
// completion, and what they say of themselves says so.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import { attention, count, exit, onSession, screen, sessionRef, sessionState } from "@fleetty/protocol/schemas/common";
import { keys as pressKeys } from "@fleetty/protocol/schemas/sessions";
import { idleAny } from "@fleetty/protocol/schemas/waiting";
import * as z from "zod";
import { invalidParams } from "../arguments.ts";
import { type Asked, form, ShownRefusal, type Style } from "../tool.ts";
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
  ...onSession,
  input: z.string().min(1).max(1_048_576).optional().describe("typed exactly as it is: end it in a newline to run it"),
  encoding: z.enum(["utf8", "base64"]).optional().describe("of input, default utf8"),
  keys: pressKeys.input.shape.keys.optional().describe('names of keys, or {"text": …}; in place of input'),
  ...quiet,
});

/** What the session wants, and of one that has ended meanwhile its end: it will be quiet for ever. */
const found = { attention: attention.optional(), state: sessionState.optional(), exit: exit.nullable().optional() };

type Idle = z.output<typeof idle>;
type Typed = z.output<typeof typed> & { readonly format?: "styled" | "plain" | undefined };

export function idleForms(style: Style) {
  const format = formatMember(style);
  const { keys: _, input, ...withoutKeys } = typed.shape;
  const after = (given: Typed, asked: Asked) => typeAndRead({ format: defaultFormat(style), ...given }, asked);
  const output = z.looseObject({ screen, generation: count(), ...found });
  return {
    await_idle: form({
      says: "Wait until a session is quiet, or without one the first of many. Quiet is not done: prefer `wait` or `run`.",
      input: idle,
      output: z.looseObject({
        status: z.literal("idle"),
        generation: count(),
        session: z.string().optional(),
        server: z.string().optional(),
        id: z.string().optional(),
        cursor: z.string().optional(),
        ...found,
      }),
      answer: awaitIdle,
    }),
    run_command: form({
      says: "Type text, wait until the session is quiet, and read its screen. For a command in a shell prefer `run`.",
      input: z.object({ ...withoutKeys, input: input.unwrap(), format }),
      output,
      answer: after,
    }),
    send_and_read: form({
      says: "Type text or press keys, wait until the session is quiet, and read its screen: for programs that are no shell.",
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
    const quietOne = await asked.call("sessions.idle", { session, ...rest, format: "plain" });
    return { status: "idle", ...foundOf(quietOne) };
  }
  const first = await asked.call("sessions.idle_any", { ...rest, tag: tags, on: set, cursor: after, format: "plain" });
  const { session: name, server: host, id } = first;
  return { status: "idle", session: name, server: host, id, ...foundOf(first), cursor: first.cursor };
}

function foundOf({ generation, attention: wants, state, exit: how }: OperationOutput<"sessions.idle">) {
  return { generation, attention: wants, ...(how !== undefined && { state, exit: how }) };
}

async function typeAndRead({ session, server: host, timeout_ms, max_wait_ms, format, ...what }: Typed, asked: Asked) {
  const { id } = await asked.call("sessions.get", { session, server: host });
  const on = { session: id, server: asked.server() ?? undefined };
  await typeOnce(what, on, asked);
  try {
    const quietOne = await asked.call("sessions.idle", { ...on, timeout_ms, max_wait_ms, format });
    return { screen: quietOne.screen, ...foundOf(quietOne) };
  } catch (thrown) {
    const { code, details } = toFleettyError(thrown);
    if (code !== "idle_timeout") throw thrown;
    const refusal = new FleettyError(code, TYPED_AND_BUSY, details, { cause: thrown });
    const now = await asked.call("sessions.screen", { ...on, format });
    throw new ShownRefusal(refusal, { screen: now });
  }
}

const TYPED_AND_BUSY =
  "it was typed, but the session was not quiet in time; do not type it again: read this screen, or wait";

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
