// The waits over many sessions of this hub: their records and cursors, and the two operations that are answered from them.
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Logger } from "pino";
import type { CallContext } from "../calls.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { FleetSessions } from "../fleet/fleet-sessions.ts";
import type { HubStore } from "../store/hub-store.ts";
import { FleetWait } from "./fleet-wait.ts";
import { IdleAny } from "./idle-any.ts";
import { WaitRecords } from "./wait-records.ts";

export interface WaitsOptions {
  readonly fleet: Fleet;
  readonly store: HubStore;
  /** Lasting id of this server. */
  readonly ownId: string;
  readonly log: Logger;
}

/** Of what does not say its own. */
const DEADLINE_MS = 10_000;

export class Waits {
  readonly #sessions: FleetSessions;
  readonly #records: WaitRecords;
  readonly #idle: IdleAny;
  readonly #wait: FleetWait;

  private constructor({ fleet, ownId }: WaitsOptions, sessions: FleetSessions, records: WaitRecords) {
    const callOf = ({ caller, via = [] }: CallContext): Call => {
      return { actor: caller.actor, via: [...via, ownId], deadlineMs: DEADLINE_MS, reads: true };
    };
    this.#sessions = sessions;
    this.#records = records;
    this.#idle = new IdleAny({ fleet, sessions, callOf }, records);
    this.#wait = new FleetWait({ fleet, sessions, callOf }, records);
  }

  static async open(options: WaitsOptions): Promise<Waits> {
    const { fleet, store, log } = options;
    const sessions = await FleetSessions.open(fleet);
    const records = await WaitRecords.open({ store, log, onForgotten: (id) => waits.#forget(id) });
    const waits = new Waits(options, sessions, records);
    return waits;
  }

  close(): void {
    this.#records.close();
    this.#wait.close();
    this.#sessions.close();
  }

  idleAny(input: OperationInput<"sessions.idle_any">, context: CallContext): Promise<unknown> {
    return this.#idle.answer(input, context);
  }

  fleetWait(input: OperationInput<"fleet.wait">, context: CallContext): Promise<unknown> {
    return this.#wait.answer(input, context);
  }

  #forget(id: string): void {
    this.#idle.forget(id);
    this.#wait.forget(id);
  }
}
