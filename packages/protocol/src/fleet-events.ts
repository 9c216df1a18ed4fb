// The table of what callers are told without asking, one entry each: `GET /events` and every other face that tells is made
// from it. Events as servers tell them to each other are another table (events.ts). Light: a shape is loaded when one has to
// be checked or described.
import type * as z from "zod";

interface FleetEventRow<Data extends z.ZodType = z.ZodType> {
  readonly summary: string;
  readonly data: () => Promise<Data>;
}

const shapes = () => import("./schemas/fleet-events.ts");

function row<Data extends z.ZodType>(summary: string, data: () => Promise<Data>): FleetEventRow<Data> {
  return { summary, data };
}

/** Every event by its type, in the order in which documents show them. */
export const fleetEvents = {
  "session.created": row(
    "A session has been started, or has become known.",
    async () => (await shapes()).sessionCreated,
  ),
  "session.renamed": row("A session has another name.", async () => (await shapes()).sessionRenamed),
  "session.tags_changed": row("A session has other tags.", async () => (await shapes()).sessionTagsChanged),
  "session.exited": row("A session has ended.", async () => (await shapes()).sessionExited),
  "session.removed": row("An ended session has been forgotten.", async () => (await shapes()).sessionRemoved),
  "session.attention": row(
    "A session wants something else than before.",
    async () => (await shapes()).sessionAttention,
  ),
  "session.command": row("A command that was run in a session has ended.", async () => (await shapes()).sessionCommand),
  "session.resized": row("A session has another size.", async () => (await shapes()).sessionResized),
  "session.lease": row("The right to write to a session has changed hands.", async () => (await shapes()).sessionLease),
  "session.input_mode": row(
    "Keystrokes of attach clients go elsewhere than before.",
    async () => (await shapes()).sessionInputMode,
  ),
  "session.unreachable": row("The server of a session is away.", async () => (await shapes()).sessionUnreachable),
  "session.reachable": row("The server of a session is back.", async () => (await shapes()).sessionReachable),
  "server.added": row("A server has been added to the fleet.", async () => (await shapes()).serverAdded),
  "server.removed": row("A server has been removed from the fleet.", async () => (await shapes()).serverRemoved),
  "server.updated": row("What is kept of a server has changed.", async () => (await shapes()).serverUpdated),
  "server.health": row("A server's health has changed.", async () => (await shapes()).serverHealth),
  "server.condition": row(
    "Something about a server is not as it should be, or is again.",
    async () => (await shapes()).serverCondition,
  ),
  "server.drained": row("A draining server is empty.", async () => (await shapes()).serverDrained),
  "fleet.alarm": row(
    "Many servers went silent together: look at the hub's own network.",
    async () => (await shapes()).fleetAlarm,
  ),
  gap: row("Events that cannot be told; read the lists again.", async () => (await shapes()).gap),
  hello: row("The first of a stream: where it begins.", async () => (await shapes()).hello),
};

export type FleetEventType = keyof typeof fleetEvents;
export type FleetEventData<Type extends FleetEventType> = z.infer<
  Awaited<ReturnType<(typeof fleetEvents)[Type]["data"]>>
>;
