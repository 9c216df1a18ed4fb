// Decides who may write to a session: whoever has its lease, and everybody while nobody has one. Pure: it is given the time,
// and who asks as what. Knows no terminal, no timer and no queue.
//
//   free ──asked──► held ──renewed──► held        held ──taken over──► held by another: the lease before is lost
//                     └──released, or its time is over──► free
import { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";

export type LeaseKind = "human" | "agent";

/** Who asks, as far as it decides what may be taken over. */
export interface LeaseAsker {
  readonly principal: string;
  readonly kind: LeaseKind;
  readonly isAdmin: boolean;
}

export interface LeaseWish {
  readonly ttl_ms?: number | undefined;
  /** The one to be renewed. */
  readonly lease?: string | undefined;
  readonly kind?: LeaseKind | undefined;
  readonly take_over?: boolean | undefined;
}

export interface HeldLease {
  /** Known to its holder alone. */
  readonly id: string;
  /** Name of the principal. */
  readonly holder: string;
  readonly kind: LeaseKind;
  readonly untilMs: number;
  /** The same, by the clock on the wall when it was taken. */
  readonly expires_at: string;
}

export interface Now {
  /** Of a clock that nobody sets; the rest is counted by it. */
  readonly steadyMs: number;
  /** Since 1970. */
  readonly wallMs: number;
}

export interface Taken {
  readonly held: HeldLease;
  readonly action: "taken" | "taken_over" | "renewed";
}

/** How long it is held unless it is renewed (public limits). */
const TTL_MS = 30_000;

export class Lease {
  #held: HeldLease | null = null;

  /** As it was found last: `expire` lets go of one whose time is over. */
  get held(): HeldLease | null {
    return this.#held;
  }

  /**
   * Null while another one has it and may keep it. Throws `lease_lost` when what is to be renewed is not held any more, and
   * `forbidden` when an agent asks as a human.
   */
  take(asker: LeaseAsker, wish: LeaseWish, { steadyMs, wallMs }: Now): Taken | null {
    const { ttl_ms: ttlMs = TTL_MS, kind = "agent" } = wish;
    if (kind === "human" && asker.kind === "agent") throw noHuman();
    const time = { untilMs: steadyMs + ttlMs, expires_at: new Date(wallMs + ttlMs).toISOString() };
    if (wish.lease !== undefined) {
      if (this.#held?.id !== wish.lease) throw this.#lost();
      return this.#hold({ ...this.#held, ...time }, "renewed");
    }
    const before = this.#held;
    if (before && !(wish.take_over && mayTakeOver(asker, before))) return null;
    const held = { id: makeId("lea"), holder: asker.principal, kind, ...time };
    return this.#hold(held, before ? "taken_over" : "taken");
  }

  /** Throws `lease_held`, or `lease_lost` where a lease is given that is not the present one. */
  check(lease: string | undefined): void {
    if (lease === this.#held?.id) return;
    throw lease === undefined ? this.refusal() : this.#lost();
  }

  /** Returns what has been let go of; null where nothing was held. Throws `lease_held` when that is another one's. */
  release(lease: string): HeldLease | null {
    const held = this.#held;
    if (held && held.id !== lease) throw this.refusal();
    this.#held = null;
    return held;
  }

  /** Returns what has been let go of because its time is over. */
  expire({ steadyMs }: Now): HeldLease | null {
    const held = this.#held;
    if (!held || held.untilMs > steadyMs) return null;
    this.#held = null;
    return held;
  }

  /** What is said to those who would have to have it. */
  refusal(): FleettyError {
    const { holder, kind } = this.#details;
    const message = `${holder} (${kind}) has the right to write to this session; give its id as lease if it is yours, else wait for it or take it over`;
    return new FleettyError("lease_held", message, this.#details);
  }

  get #details() {
    const { holder = null, kind = null, expires_at = null } = this.#held ?? {};
    return { holder, kind, expires_at };
  }

  #hold(held: HeldLease, action: Taken["action"]): Taken {
    this.#held = held;
    return { held, action };
  }

  #lost(): FleettyError {
    const message = "your lease has ended or was taken over; read the screen, then ask for another lease";
    return new FleettyError("lease_lost", message, this.#details);
  }
}

/** People have the last word, an admin over all (public contract, lease). */
function mayTakeOver(asker: LeaseAsker, { kind }: HeldLease): boolean {
  return asker.isAdmin || asker.kind === "human" || kind === "agent";
}

function noHuman(): FleettyError {
  const message = "an agent cannot ask for the lease of a human; ask as an agent";
  return new FleettyError("forbidden", message, { kind: "human", reason: "kind" });
}
