// Holds what is told of the fleet without being asked: the data of each event, one export per event, named by its words; and
// what `GET /events` takes and gives. Open: a newer server may tell more.
import * as z from "zod";
import {
  attention,
  confidence,
  count,
  exit,
  openEnum,
  question,
  serverRef,
  sessionInfo,
  sessionRef,
  time,
} from "./common.ts";
import { health, server } from "./servers.ts";

const tags = z.array(z.string());

export const sessionCreated = sessionInfo;
export const sessionRenamed = z.looseObject({ old_name: z.string(), new_name: z.string() });
export const sessionTagsChanged = z.looseObject({ added: tags, removed: tags });
export const sessionExited = z.looseObject({ exit, end_reason: z.string().nullable(), offset: count().nullable() });
export const sessionRemoved = z.looseObject({
  reason: openEnum(["killed", "retention", "forgotten", "unknown"]).describe(
    "unknown: it went while nobody could tell",
  ),
});
export const sessionUnreachable = z.looseObject({ since: time });
export const sessionReachable = z.looseObject({
  missed_events: z.boolean().describe("whether more may have happened than was told"),
});
export const sessionAttention = z.looseObject({
  attention,
  confidence,
  from: attention.describe("what it wanted before"),
  epoch: count().describe("of the screen that shows it"),
  question: question.optional().describe("the line that asks, where there is one"),
});
export const sessionCommand = z.looseObject({
  command: z.string().describe("cmd_…"),
  exit_code: z.int().nullable().describe("null: not known"),
  confidence,
  duration_ms: count(),
  from: count().describe("offset of the first byte of its output"),
  to: count().describe("offset after the last"),
});
export const sessionResized = z.looseObject({
  rows: count().describe("of the whole terminal, panels included"),
  cols: count(),
});
export const sessionLease = z.looseObject({
  holder: z.string().describe("who has it, or had it"),
  kind: openEnum(["human", "agent"]),
  action: openEnum(["taken", "taken_over", "released", "expired"]),
});
export const sessionInputMode = z.looseObject({
  mode: openEnum(["passthrough", "capture"]).describe("where keystrokes of attach clients go from now on"),
});

export const serverAdded = server;
export const serverRemoved = z.looseObject({});
export const serverUpdated = z
  .looseObject({
    hostname: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    cordoned: z.boolean(),
    draining: z.boolean(),
  })
  .partial()
  .describe("members that have changed, as they are now");
export const serverHealth = z.looseObject({ from: health, to: health, reason: z.string().nullable() });
export const serverCondition = z.looseObject({ condition: z.string(), active: z.boolean(), reason: z.string() });
export const serverDrained = z.looseObject({});

export const fleetAlarm = z.looseObject({
  kind: openEnum(["many_servers_silent"]),
  servers: z.array(z.string()),
  since: time,
});

export const gap = z.looseObject({
  from: time.nullable().describe("what happened from here on may be missing; null where that is not known"),
  to: time,
  dropped: count().nullable().describe("how many events; null where that is not known"),
  reason: openEnum(["slow_reader", "cursor_expired", "server_log_expired", "hub_restart"]),
});
export const hello = z.looseObject({});

const cursor = z.string().min(1).max(64);

export const fleetEvent = z.looseObject({
  cursor,
  at: time.describe("when the hub learned of it"),
  type: z.string(),
  server: z.string().describe("as it was called then"),
  session: z.string().optional().describe("name of the session then"),
  id: z.string().optional().describe("id of the session"),
  data: z.looseObject({}),
});

export const stream = {
  input: z.object({
    cursor: cursor.optional().describe("of an event: begin after it; oldest: with all that is kept; default: now"),
    types: z
      .array(z.string().regex(/^[a-z]+\.[a-z_]*$/, "is a type or, with a dot at its end, the first word of some"))
      .max(64)
      .optional()
      .describe("types (session.exited), or the first word of some (server.); default: all"),
    on: z.string().min(1).max(4096).optional().describe("server set; events of these servers"),
    server: serverRef.optional().describe("hostname or id; events of this server"),
    tag: tags.max(64).optional().describe("events of sessions with any of these tags"),
    session: sessionRef.optional().describe("name or id; events of this session"),
    max_wait_ms: count().optional().describe("longest wait for the first event, default 30000; of no use for a stream"),
    limit: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe("most events in one answer, default 100; of no use for a stream"),
  }),
  output: z.looseObject({
    events: z.array(fleetEvent),
    cursor: cursor.describe("where the next question begins"),
    gaps: z.array(fleetEvent).describe("what could not be told, in its place by its cursor"),
  }),
};

export type FleetEvent = z.infer<typeof fleetEvent>;
export type GapData = z.infer<typeof gap>;
