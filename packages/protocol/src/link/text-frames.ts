// The text frames of a link: JSON with a `type`, in two unions named by direction. H is the hub end (asks), W the worker
// end (owns); who dialled does not matter.
//
//   W→H hello      who I am, what I speak, proof that I hold the key          (first message on a unix socket)
//   H→W challenge  my nonce                                                     (sent first, by the hub end)
//   H→W welcome    my proof, the link's generation and policy
//   W→H inventory  every session that lives here
//   H→W req, W→H res          one answer for each request, by id; `cancel` asks to stop waiting
//   W→H evt, H→W ack          outcomes, numbered, sent again until acknowledged; under 0 what is told once and kept nowhere
//   W→H changed               the screen that you read is no longer the newest
//   W→H tick                  how busy I am, and whether I take more: said when it changes (session hosts)
//   W→H status                how much I take, and what is not as it should be: said first and every 10 s (servers)
//   binary output, snapshot   a session's bytes on a channel; `credit` lets more come, `gap` says what will not
//   binary input              numbered inputs on a channel; `in_ack` says written; `lease` says by which right
//   closed, ping, pong, bye
//
// A reader looks at `type` before it parses the rest: an unknown type is counted and ignored, unknown fields are
// dropped, a broken body of a known type ends the link (4010).
import * as z from "zod";
import { exit, gap, sessionInfo } from "../schemas/common.ts";

const id = z.int().min(0);
const offset = z.int().min(0);
const ch = z.int().min(0).max(0xffff_ffff);
const range = z.object({ min: z.int(), max: z.int() });

/** Who a request is made for: principal, kind and `admin` decide rights, face and address are for the audit. */
export const actor = z.object({
  principal: z.string(),
  kind: z.enum(["human", "agent"]),
  /** May do everything; never said of somebody who may not. */
  admin: z.literal(true).optional(),
  face: z.string(),
  address: z.string().optional(),
});
export type Actor = z.infer<typeof actor>;

const wireError = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

export const policy = z.object({
  max_frame: z.int(),
  max_inflight: z.int(),
  credit: z.int(),
  /** Silence after which the hub gives the link up. A hub that does not say it means 30 s. */
  lost_ms: z.int().optional(),
});
export type LinkPolicy = z.infer<typeof policy>;

const challenge = z.object({ type: z.literal("challenge"), hub: z.string(), nonce: z.string(), protocol: range });
const welcome = z.object({
  type: z.literal("welcome"),
  link: z.string(),
  link_generation: z.int(),
  protocol: z.int(),
  incarnation: z.int(),
  journal_acked: z.int(),
  policy,
  proof: z.string(),
});
const req = z.object({
  type: z.literal("req"),
  id,
  op: z.string(),
  p: z.unknown(),
  gen: z.int(),
  idem: z.string().optional(),
  deadline_ms: z.number(),
  actor,
  via: z.array(z.string()),
});
const cancel = z.object({ type: z.literal("cancel"), id });
const ack = z.object({ type: z.literal("ack"), seq: z.int() });
const ping = z.object({ type: z.literal("ping"), n: z.int(), mono_ms: z.number() });
const pong = z.object({ type: z.literal("pong"), n: z.int(), mono_ms: z.number() });
const credit = z.object({ type: z.literal("credit"), ch, upto: offset });
const closed = z.object({ type: z.literal("closed"), ch, reason: z.string() });
const bye = z.object({ type: z.literal("bye"), reason: z.string(), retry_after_ms: z.number().optional() });
/** What is typed on this channel from now on is typed under that lease; null: under none. */
const lease = z.object({ type: z.literal("lease"), ch, lease: z.string().max(64).nullable() });
const size = z.object({ type: z.literal("size"), ch, rows: z.int(), cols: z.int() });

const hello = z.object({
  type: z.literal("hello"),
  server: z.string(),
  start_id: z.string(),
  nonce: z.string(),
  version: z.string(),
  protocol: range,
  features: z.array(z.string()),
  journal: z.object({ id: z.string(), first: z.int(), last: z.int() }),
  /** The highest that it has seen; that of the next link is above it. */
  last_link_generation: z.int().optional(),
  proof: z.string(),
});
const inventory = z.object({ type: z.literal("inventory"), sessions: z.array(sessionInfo) });
const res = z.discriminatedUnion("ok", [
  z.object({ type: z.literal("res"), id, ok: z.literal(true), p: z.unknown() }),
  z.object({ type: z.literal("res"), id, ok: z.literal(false), error: wireError }),
]);
const evt = z.object({ type: z.literal("evt"), seq: z.int(), event: z.string(), at: z.string(), p: z.unknown() });
const changed = z.object({ type: z.literal("changed"), session: z.string() });
/** `busy`: share of its last 10 s that the process worked, 0 to 1. `retiring`: it takes no new sessions. */
const tick = z.object({ type: z.literal("tick"), busy: z.number().min(0).max(1), retiring: z.boolean() });
/** `slots`: sessions that placement puts there. `load1`: load average of the last minute. */
const status = z.object({
  type: z.literal("status"),
  slots: z.int().min(0),
  load1: z.number().min(0),
  os: z.string().max(64),
  arch: z.string().max(64),
  conditions: z.array(z.object({ type: z.string(), reason: z.string(), since: z.string() })),
});
const gapFrame = z.object({ type: z.literal("gap"), ch, ...gap.shape });
const inAck = z.object({ type: z.literal("in_ack"), ch, upto: z.int(), generation: z.int(), offset });
const exitFrame = z.object({ type: z.literal("exit"), ch, exit, offset });
const errorFrame = z.object({ type: z.literal("error"), ch, input: z.int().optional(), error: wireError });

/** Hub end to worker end. */
export const fromHub = { challenge, welcome, req, cancel, ack, ping, pong, credit, closed, bye, size, lease };
/** Worker end to hub end. */
export const fromWorker = {
  hello,
  inventory,
  res,
  evt,
  changed,
  tick,
  status,
  gap: gapFrame,
  in_ack: inAck,
  exit: exitFrame,
  error: errorFrame,
  size,
  ping,
  pong,
  closed,
  bye,
};

type Frames<Table extends Record<string, z.ZodType>> = z.infer<Table[keyof Table]>;
export type HubFrame = Frames<typeof fromHub>;
export type WorkerFrame = Frames<typeof fromWorker>;
export type Request = z.infer<typeof req>;
export type Response = z.infer<typeof res>;
export type Hello = z.infer<typeof hello>;
export type Challenge = z.infer<typeof challenge>;
export type Welcome = z.infer<typeof welcome>;
export type Inventory = z.infer<typeof inventory>;
export type JournalEvent = z.infer<typeof evt>;
export type Tick = z.infer<typeof tick>;
export type MemberStatus = z.infer<typeof status>;
export type GapFrame = z.infer<typeof gapFrame>;

/** A body that does not fit its known type: the link ends with 4010. */
export class MalformedFrame extends Error {
  override readonly name = "MalformedFrame";
}

/** Reads a text frame by its tag; null for a type that this version does not know. Throws MalformedFrame. */
export function readFrame<Table extends Record<string, z.ZodType>>(table: Table, text: string): Frames<Table> | null {
  const value = parseJson(text);
  const tag = typeof value === "object" && value !== null ? (value as { type?: unknown }).type : undefined;
  if (typeof tag !== "string") throw new MalformedFrame("a frame without a type");
  const schema = Object.hasOwn(table, tag) ? table[tag] : undefined;
  if (!schema) return null;
  const read = schema.safeParse(value);
  if (!read.success) throw new MalformedFrame(`a broken ${tag} frame`);
  return read.data as Frames<Table>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedFrame("a frame that is not JSON", { cause });
  }
}
