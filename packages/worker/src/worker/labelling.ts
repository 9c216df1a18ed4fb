// Gives sessions other names and tags: checks them, has the session's host take them, and records them, or leaves all as it
// was. Decides who gets a name that two ask for at once. The host has the last word: what it says of a session after a
// crash of ours is what holds.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { Call, HubEnd } from "@fleetty/protocol/link";
import { checkSessionName, checkTags } from "@fleetty/protocol/names";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { type LabelChange, relabelled } from "../session/labels.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import { type Entry, rowOf, type SessionIndex } from "./session-index.ts";

export interface LabellingParts {
  readonly index: SessionIndex;
  /** The open end of the host that holds a session; null for one that has ended, perhaps with its host. */
  readonly endOf: (entry: Entry) => Promise<HubEnd | null>;
  readonly store: WorkerStore;
  readonly tell: (event: AnyEvent) => void;
  /** Resolves when the end of a session that its host knows of is known here. */
  readonly whenEnded: (entry: Entry) => Promise<void>;
}

type Labelled = OperationOutput<"sessions.label">;

export class Labelling {
  readonly #parts: LabellingParts;

  constructor(parts: LabellingParts) {
    this.#parts = parts;
  }

  /** Resolves when host, index and store have it. */
  async update({ session, ...change }: OperationInput<"sessions.update">, call: Call): Promise<SessionInfo> {
    const { index } = this.#parts;
    const entry = index.find(session);
    this.#check(entry, change);
    const names = change.name === undefined ? [] : [change.name];
    for (const name of names) index.claim(name);
    try {
      const labelled = await this.#label(entry, change, call);
      names.push(labelled.old_name);
      index.relabelled(entry, labelled.session);
      await this.#record(entry, labelled, call);
      this.#tell(labelled);
      return labelled.session;
    } finally {
      index.release(names);
    }
  }

  #check(entry: Entry, { name, add_tags: add = [], remove_tags: remove = [] }: LabelChange): void {
    checkTags(add);
    checkTags(remove);
    if (name === undefined) return;
    checkSessionName(name);
    if (name !== entry.name) return;
    const message = `the session is already called ${JSON.stringify(name)}; choose another name`;
    throw new FleettyError("session_name_conflict", message);
  }

  async #label(entry: Entry, change: LabelChange, call: Call): Promise<Labelled> {
    const end = await this.#parts.endOf(entry);
    if (!end || entry.state === "ended") return labelledHere(entry, change);
    try {
      return (await end.request("sessions.label", { session: entry.id, ...change }, call)) as Labelled;
    } catch (thrown) {
      if (toFleettyError(thrown).code !== "session_exited") throw thrown;
      await this.#parts.whenEnded(entry);
      return labelledHere(entry, change);
    }
  }

  async #record(entry: Entry, labelled: Labelled, call: Call): Promise<void> {
    const { store, index } = this.#parts;
    try {
      await store.recordSession(rowOf(entry), index.counter);
    } catch (cause) {
      const { old_name: name, added: remove_tags, removed: add_tags } = labelled;
      const { session } = await this.#label(entry, { name, remove_tags, add_tags }, call);
      index.relabelled(entry, session);
      const message = "the state folder cannot be written; free space there, then try again";
      throw new FleettyError("resource_limit_reached", message, { limit: "disk", may_have_run: false }, { cause });
    }
  }

  #tell({ session, old_name, added, removed }: Labelled): void {
    const { tell } = this.#parts;
    const { name: new_name } = session;
    if (new_name !== old_name) tell({ type: "session.renamed", session, old_name, new_name });
    if (added.length > 0) tell({ type: "session.tags_changed", session, added, removed: [] });
    if (removed.length > 0) tell({ type: "session.tags_changed", session, added: [], removed });
  }
}

/** One that has ended is known here alone. */
function labelledHere({ info }: Entry, change: LabelChange): Labelled {
  const was = info as SessionInfo;
  const { labels, added, removed } = relabelled(was, change);
  return { session: { ...was, name: labels.name, tags: [...labels.tags] }, old_name: was.name, added, removed };
}
