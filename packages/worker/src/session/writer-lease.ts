// Keeps the lease of one session in time: lets go of it when its time is over, gives it to those who wait for it, first come
// first served, and says who has it now. What may be taken and who may write is decided by the lease itself.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { type HeldLease, Lease, type LeaseAsker, type Now, type Taken } from "./lease.ts";
import type { Session } from "./session.ts";

type Wish = Omit<OperationInput<"sessions.lease">, "session" | "server">;
type Answer = OperationOutput<"sessions.lease">;

/** Those who wait for one session's lease; one more is refused. */
const WAITING_MAX = 64;

interface Waiting {
  readonly asker: LeaseAsker;
  readonly wish: Wish;
  readonly answer: (taken: Answer) => void;
  readonly refuse: (refusal: FleettyError) => void;
}

export class WriterLease {
  readonly #session: Session;
  readonly #lease = new Lease();
  /** First come first. */
  readonly #waiting = new Set<Waiting>();
  #expiry: NodeJS.Timeout | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** As everybody may see it. */
  get shown(): SessionInfo["lease"] {
    this.#expire();
    return this.#lease.held && shownOf(this.#lease.held);
  }

  /** To be called in one step with the write. Throws `lease_held` or `lease_lost`. */
  check(lease: string | undefined): void {
    this.#expire();
    this.#lease.check(lease);
  }

  /** Takes, renews or takes over, or waits for it. Rejects with `lease_held`, `lease_lost`, `forbidden`, `session_exited`. */
  async ask(wish: Wish, asker: LeaseAsker, signal: AbortSignal): Promise<Answer> {
    this.#session.running();
    this.#expire();
    const taken = this.#lease.take(asker, wish, now());
    if (taken) return this.#taken(taken);
    const { wait_ms: waitMs = 0 } = wish;
    if (waitMs === 0) throw this.#lease.refusal();
    if (this.#waiting.size >= WAITING_MAX)
      throw new FleettyError("channel_full", `${WAITING_MAX} wait for this lease already; try again later`);
    return this.#wait(asker, wish, waitMs, signal);
  }

  /** Throws `lease_held` when it is another one's; one that has ended by itself is let go of too. */
  release(lease: string): void {
    this.#session.running();
    this.#expire();
    const held = this.#lease.release(lease);
    if (held) this.#freed(held, "released");
  }

  /** The session has ended: nobody has it, and nobody gets it. */
  end(refusal: FleettyError): void {
    clearTimeout(this.#expiry);
    const { held } = this.#lease;
    if (held) this.#lease.release(held.id);
    for (const { refuse } of [...this.#waiting]) refuse(refusal);
  }

  #wait(asker: LeaseAsker, wish: Wish, waitMs: number, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", gone);
        this.#waiting.delete(waiting);
      };
      const refuse = (refusal: FleettyError) => {
        leave();
        reject(refusal);
      };
      const answer = (taken: Answer) => {
        leave();
        resolve(taken);
      };
      const gone = () => refuse(new FleettyError("cancelled", "the caller has gone"));
      const timer = setTimeout(() => refuse(this.#lease.refusal()), waitMs);
      const waiting = { asker, wish, answer, refuse };
      this.#waiting.add(waiting);
      signal.addEventListener("abort", gone, { once: true });
      if (signal.aborted) gone();
    });
  }

  #taken({ held, action }: Taken): Answer {
    const { holder, kind, untilMs } = held;
    clearTimeout(this.#expiry);
    // Timers count whole milliseconds and may fire one early.
    this.#expiry = setTimeout(() => this.#expire(), Math.ceil(untilMs - performance.now()) + 1);
    if (action !== "renewed") this.#session.tell({ type: "session.lease", holder, kind, action });
    const epoch = this.#session.caughtUp().look();
    return { id: held.id, ...shownOf(held), ...this.#session.position(), epoch };
  }

  #expire(): void {
    const expired = this.#lease.expire(now());
    if (expired) this.#freed(expired, "expired");
  }

  #freed({ holder, kind }: HeldLease, action: "released" | "expired"): void {
    clearTimeout(this.#expiry);
    this.#session.tell({ type: "session.lease", holder, kind, action });
    const [next] = this.#waiting;
    const taken = next && this.#lease.take(next.asker, next.wish, now());
    if (taken) next.answer(this.#taken(taken));
  }
}

function now(): Now {
  return { steadyMs: performance.now(), wallMs: Date.now() };
}

function shownOf({ holder, kind, expires_at }: HeldLease) {
  return { holder, kind, expires_at };
}
