// Holds the shape of what a session tells to the outside and nobody keeps. Types alone.
import type { EventData, PassingEvent } from "@fleetty/protocol/events";

/** A passing event, but for the session that it happened to. */
export type SessionNews = {
  readonly [Name in PassingEvent["type"]]: { readonly type: Name } & Pick<EventData<Name>, Known<EventData<Name>>>;
}[PassingEvent["type"]];

/** Members that have a name, but for the session: an open shape takes every other. */
type Known<Data> = Exclude<keyof { [Key in keyof Data as string extends Key ? never : Key]: Data[Key] }, "session">;
