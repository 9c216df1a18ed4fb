// The way of a member that dials this server: nothing can be done but wait for it. After a start of this server it gets some
// time before it is missed.
import type { NoLink, Way } from "./way.ts";

/** Members redial after at most half a minute; this is for those whose network was away with ours (link protocol, heartbeats). */
const GRACE_MS = 180_000;

export class Awaiting implements Way {
  readonly kind = "joined";
  readonly #missed: (why: NoLink) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(missed: (why: NoLink) => void) {
    this.#missed = missed;
  }

  begin(): void {
    this.close();
    this.#timer = setTimeout(() => this.#missed({ reason: "silent", detail: "it has not dialled" }), GRACE_MS);
    this.#timer.unref();
  }

  linked(): void {
    this.close();
  }

  again(): void {}

  close(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  renew(): boolean {
    return false;
  }

  async judgeOpen(): Promise<null> {
    return null;
  }

  /** It speaks TLS, or comes from this machine: it would not have been greeted otherwise. */
  conditions() {
    return [];
  }
}
