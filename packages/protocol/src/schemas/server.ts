// Holds input and output shapes of the operations on the server itself and on session hosts.
import * as z from "zod";
import { count, nothing, openEnum, serverRef, time } from "./common.ts";

export const health = { input: z.object({}), output: z.looseObject({ status: z.literal("ok") }) };

/** As the document's own schema says, which the OpenAPI Initiative publishes. */
export const openapi = { input: z.object({}), output: z.looseObject({}) };

export const openapiYaml = { input: z.object({}), output: z.string() };

export const docs = { input: z.object({}), output: z.string() };

export const ready = { input: z.object({}), output: z.looseObject({ status: z.literal("ready") }) };

export const metrics = { input: z.object({}), output: z.string() };
/** Something about a server that is not as it should be. */
const condition = z.looseObject({
  type: openEnum(["HostSharesCgroup"]),
  reason: z.string().describe("what was seen, and what to do"),
  since: time,
});

/** A session host as the server sees it. */
const sessionHost = z.looseObject({
  id: z.string(),
  pid: z.int(),
  version: z.string().describe("of the program that it runs"),
  protocol: z.int(),
  state: openEnum(["connecting", "up", "incompatible"]),
  sessions: count().describe("live ones"),
  busy: z.number().describe("share of its last 10 s that it worked, 0 to 1, to a tenth or so"),
  retiring: z.boolean().describe("takes no new sessions and goes with its last one"),
});

const workerState = { session_hosts: z.array(sessionHost), conditions: z.array(condition) };

/** Worker only: its hosts and its conditions. */
export const workerStatus = { input: z.object({}), output: z.looseObject(workerState) };

/** Worker only: what happened to its sessions, by number, also while nobody listened. */
export const workerJournal = {
  input: z.object({
    after: count().optional().describe("the last that is known; without it only `last` is asked for"),
    limit: z.int().min(1).max(1_000),
  }),
  output: z.looseObject({
    events: z.array(z.looseObject({ seq: count(), at: time, event: z.string(), p: z.unknown() })),
    upto: count().describe("everything up to this number has been looked at; ask for what comes after it"),
    last: count().describe("the newest number"),
    whole: z.boolean().describe("whether all that came after `after` is still kept"),
  }),
};

export const info = {
  input: z.object({ server: serverRef.optional() }),
  output: z.looseObject({
    hostname: z.string(),
    version: z.string(),
    server_id: z.string().describe("new at each start"),
    id: z.string().describe("lasting"),
    product: z.literal("fleetty"),
    api: z.literal(1),
    instance_name: z.string(),
    socket_path: z.string(),
    tcp_addr: z.string().nullable(),
    persistent: z.boolean(),
    session_count: count(),
    ...workerState,
  }),
};

const persistence = z.looseObject({
  persistent: z.boolean().describe("false: it goes with its last session, or after 60 s without sessions and sockets"),
});

export const persistGet = { input: z.object({ server: serverRef.optional() }), output: persistence };

export const persist = {
  input: z.object({ persistent: z.boolean().describe("whether it stays"), server: serverRef.optional() }),
  output: persistence,
};

export const shutdown = {
  input: z.object({ end_sessions: z.boolean().optional().describe("end every session too") }),
  output: z.looseObject({ status: z.literal("shutting_down") }),
};

export const token = {
  input: z.object({}),
  output: z.looseObject({ token: z.string().describe("the root token, as it is from now on") }),
};

export const reload = {
  input: z.object({}),
  output: z.looseObject({
    added: count(),
    removed: count(),
    changed: count().describe("members whose entry says something else now"),
  }),
};

/** Host only: take no new sessions, exit with the last one. */
export const retire = { input: z.object({}), output: nothing };

/** Host only: end every session, then exit. */
export const endHost = { input: z.object({}), output: nothing };
