// Reads what `top` shows: the servers and the sessions of a fleet, and whether the hub answers at all. Says nothing of how it
// is shown.
import type { Client } from "@fleetty/client";
import type { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import { RepeatedQuestion } from "./repeated-question.ts";

export type Servers = OperationOutput<"servers.list">;
export type Sessions = OperationOutput<"sessions.list">;

/** The fleet as it was known last. */
export interface FleetReading {
  readonly servers: Servers;
  readonly sessions: Sessions;
  /** How long ago the sessions were as they stand here, in ms. */
  readonly sessionsAgeMs: number;
  /** Null while the hub answers. */
  readonly away: { readonly forMs: number; readonly why: string } | null;
}

/** A hub that has answered nothing for so long is said to be away, whether or not it has refused. */
const SILENT_AFTER_MS = 3_000;

export class FleetReader {
  readonly #servers: RepeatedQuestion<Servers>;
  readonly #sessions: RepeatedQuestion<Sessions>;

  constructor(client: Client, leaving: AbortSignal) {
    this.#servers = new RepeatedQuestion((signal) => client.servers.list({}, { signal }), leaving);
    this.#sessions = new RepeatedQuestion((signal) => client.sessions.list({}, { signal }), leaving);
  }

  /** Asks what is not being asked. `onNews` is called for each answer and each refusal. */
  look(onNews: () => void): void {
    for (const question of [this.#servers, this.#sessions]) void question.again().then(onNews);
  }

  /** Throws what refused it. */
  async first(): Promise<FleetReading> {
    await Promise.all([this.#servers.again(), this.#sessions.again()]);
    const failure = this.#failure;
    if (failure) throw failure;
    return this.reading(performance.now());
  }

  reading(nowMs: number): FleetReading {
    const [servers, sessions] = [this.#servers.latest, this.#sessions.latest];
    const agesMs = [servers, sessions].map((answered) => (answered ? nowMs - answered.atMs : 0));
    const forMs = Math.max(...agesMs);
    const failure = this.#failure;
    const isAway = failure !== null || forMs > SILENT_AFTER_MS;
    return {
      servers: servers?.value ?? [],
      sessions: sessions?.value ?? [],
      sessionsAgeMs: agesMs[1] as number,
      away: isAway ? { forMs, why: failure?.message ?? "no answer" } : null,
    };
  }

  get #failure(): FleettyError | null {
    return this.#servers.failure ?? this.#sessions.failure;
  }
}
