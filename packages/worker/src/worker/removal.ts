// Ends sessions when somebody asks for that, and forgets those that have ended: their record, their name, their files.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Call, HubEnd } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { SessionFiles } from "../session-host/session-files.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import type { EventJournal } from "./event-journal.ts";
import type { Entry, SessionIndex } from "./session-index.ts";

export interface RemovalParts {
  readonly stateDir: string;
  readonly store: WorkerStore;
  readonly index: SessionIndex;
  readonly journal: EventJournal;
  /** The open end of the host that answers for a session; null for one that has ended, perhaps with its host. */
  readonly endOf: (entry: Entry) => Promise<HubEnd | null>;
}

export class Removal {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /** Ends a live session, whose name is then free; forgets one that has ended. */
  async kill(input: OperationInput<"sessions.kill">, call: Call): Promise<void> {
    const { index, endOf } = this.#parts;
    const entry = index.find(input.session);
    if (entry.state === "ended") return this.forget(entry, "forgotten");
    const end = await endOf(entry);
    if (!end) return this.forget(entry, "forgotten");
    await end.request("sessions.end", { session: entry.id, grace_ms: input.grace_ms ?? 0 }, call);
    await this.whenEnded(entry);
    // It had ended by itself, which had not come here yet.
    if (!entry.isHidden) await this.forget(entry, "forgotten");
  }

  /** Resolves once the end of a session that has ended is known here too. */
  async whenEnded(entry: Entry): Promise<void> {
    if (entry.state === "ended") return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#parts.journal.listen(({ type, session }) => {
      if (type === "session.exited" && session.id === entry.id) resolve();
    });
    await promise;
    stop();
  }

  async forget(entry: Entry, reason: "forgotten" | "retention"): Promise<void> {
    const { store, index, journal, stateDir } = this.#parts;
    try {
      await store.forgetSession(entry.id);
    } catch (cause) {
      const message = "the state folder cannot be written; free space there, then try again";
      throw new FleettyError("resource_limit_reached", message, { limit: "disk", may_have_run: false }, { cause });
    }
    if (index.byId(entry.id) !== entry) return; // another call was first
    index.forget(entry);
    await new SessionFiles(stateDir, entry.id).remove();
    journal.tell({ type: "session.removed", session: entry.info as SessionInfo, reason });
  }
}
