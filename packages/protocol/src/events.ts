// The event table: everything that is told without being asked, one entry each. Faces and links are loops over it, as they
// are over the operations. An entry is light: its shape is loaded when an event has to be checked or described.
import type * as z from "zod";

interface EventRow<Data extends z.ZodType = z.ZodType> {
  readonly summary: string;
  readonly data: () => Promise<Data>;
}

const shapes = () => import("./schemas/events.ts");

function event<Data extends z.ZodType>(summary: string, data: () => Promise<Data>): EventRow<Data> {
  return { summary, data };
}

/** Every event by its name, which is the same on every face and on links. */
export const events = {
  "session.created": event("A session has been started.", async () => (await shapes()).created),
  "session.renamed": event("A session has another name.", async () => (await shapes()).renamed),
  "session.tags_changed": event("A session has other tags.", async () => (await shapes()).tagsChanged),
  "session.exited": event("A session has ended, or was lost with its host.", async () => (await shapes()).exited),
  "session.removed": event("An ended session has been forgotten.", async () => (await shapes()).removed),
  "session.attention": event("A session wants something else than before.", async () => (await shapes()).attention),
  "session.command": event("A command that was run in a session has ended.", async () => (await shapes()).command),
  "session.resized": event("A session has another size.", async () => (await shapes()).resized),
  "session.lease": event("The right to write to a session has changed hands.", async () => (await shapes()).lease),
  "session.input_mode": event("Keystrokes go elsewhere than before.", async () => (await shapes()).inputMode),
};

export type EventName = keyof typeof events;
export type EventData<Name extends EventName> = z.infer<Awaited<ReturnType<(typeof events)[Name]["data"]>>>;

/** An event of any name, with its data. */
export type AnyEvent = { readonly [Name in EventName]: { readonly type: Name } & EventData<Name> }[EventName];

/**
 * Told under number 0 and kept in no journal: what it changes is in the session that it carries, as it is in the list of
 * sessions with which every link begins, so that one which is lost with its link is missed by nobody for long.
 */
const PASSING = [
  "session.attention",
  "session.command",
  "session.resized",
  "session.lease",
  "session.input_mode",
] as const;

export type PassingEvent = Extract<AnyEvent, { readonly type: (typeof PASSING)[number] }>;

export function isPassing(event: AnyEvent): event is PassingEvent {
  return PASSING.some((type) => type === event.type);
}

/** Checks what a peer sent. Null for a name that this version does not know; throws for data of another shape. */
export async function readEvent(name: string, data: unknown): Promise<AnyEvent | null> {
  if (!Object.hasOwn(events, name)) return null;
  const schema = await events[name as EventName].data();
  return { type: name, ...(schema.parse(data) as object) } as AnyEvent;
}
