// Counts who watches which session over a streaming connection, and refuses more than the limits. Knows no socket.
import { FleettyError } from "@fleetty/protocol/errors";

export interface ClientLimits {
  readonly viewersPerSession: number;
  readonly viewers: number;
}

export class ClientPlaces {
  readonly #limits: ClientLimits;
  readonly #bySession = new Map<string, number>();
  #total = 0;

  constructor(limits: ClientLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  count(session: string): number {
    return this.#bySession.get(session) ?? 0;
  }

  /** Counts one more of that session. Returns how to give the place back. Throws `resource_limit_reached`. */
  take(session: string): () => void {
    const { viewersPerSession, viewers } = this.#limits;
    if (this.count(session) >= viewersPerSession) throw tooMany("viewers_per_session", viewersPerSession);
    if (this.#total >= viewers) throw tooMany("viewers", viewers);
    this.#change(session, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#change(session, -1);
      isTaken = false;
    };
  }

  #change(session: string, by: 1 | -1): void {
    this.#total += by;
    const count = this.count(session) + by;
    if (count === 0) this.#bySession.delete(session);
    else this.#bySession.set(session, count);
  }
}

function tooMany(limit: string, max: number): FleettyError {
  const message = `${max} viewers watch already (${limit}); close one, then try again`;
  return new FleettyError("resource_limit_reached", message, { limit, max });
}
