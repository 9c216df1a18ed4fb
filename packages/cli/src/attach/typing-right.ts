// Holds the right to type of somebody who is attached: asks for the session's lease when the first key comes, as a human,
// keeps it while keys come, and lets it run out behind the last one. Who only looks never has it. Knows no keys and no terminal.
import { FleettyError } from "@fleetty/protocol/errors";

export interface LeaseWish {
  readonly kind: "human" | "agent";
  readonly lease?: string;
  readonly take_over?: boolean;
}

export interface TypingRightParts {
  /** Throws what refuses it. */
  readonly ask: (wish: LeaseWish) => Promise<{ readonly id: string }>;
  /** What is typed from now on is typed under this lease. */
  readonly use: (lease: string) => void;
  readonly release: (lease: string) => Promise<unknown>;
  /** Whether it is taken from whoever has it, once: who loses it again asks like everybody. */
  readonly takesOver: boolean;
}

/** What a lease is given for that says nothing of it (public limits). */
const TTL_MS = 30_000;
/** Nobody could be asked. */
const AWAY: ReadonlySet<string> = new Set(["server_unavailable", "server_timeout", "not_ready"]);

export class TypingRight {
  readonly #parts: TypingRightParts;
  #takesOver: boolean;
  #kind: LeaseWish["kind"] = "human";
  #held: { readonly id: string; readonly untilMs: number } | null = null;
  #asking: Promise<void> | null = null;
  /** The session's host is of a version without leases: everybody types there. */
  #isUnknown = false;

  constructor(parts: TypingRightParts) {
    this.#parts = parts;
    this.#takesOver = parts.takesOver;
  }

  /** Id of the lease that is held, as far as is known. */
  get lease(): string | undefined {
    return this.#held?.id;
  }

  /** Resolves when a key may go out. Throws `lease_held`, or what else refuses it. */
  async hold(): Promise<void> {
    if (this.#isUnknown) return;
    const leftMs = (this.#held?.untilMs ?? 0) - performance.now();
    if (leftMs > TTL_MS / 2) return;
    this.#asking ??= this.#get(leftMs > 0 ? this.lease : undefined).finally(() => {
      this.#asking = null;
    });
    // Renewed behind the keys, asked for before them.
    if (leftMs <= 0) await this.#asking;
    else void this.#asking.catch(() => this.lost());
  }

  /** It is not held any more: the next key asks again. */
  lost(): void {
    this.#held = null;
  }

  /** Gives it back, for whoever waits. */
  async end(): Promise<void> {
    const { lease } = this;
    this.#held = null;
    if (lease !== undefined) await this.#parts.release(lease).catch(() => {});
  }

  async #get(lease: string | undefined): Promise<void> {
    const askedAtMs = performance.now();
    const takesOver = this.#takesOver && lease === undefined;
    this.#takesOver &&= !takesOver;
    try {
      const { id } = await this.#ask({
        kind: this.#kind,
        ...(lease !== undefined && { lease }),
        ...(takesOver && { take_over: true }),
      });
      this.#held = { id, untilMs: askedAtMs + TTL_MS };
      this.#parts.use(id);
    } catch (thrown) {
      if (!(thrown instanceof FleettyError)) throw thrown;
      this.#isUnknown = thrown.code === "unsupported";
      // What is typed waits for a server that is away, and is refused then if somebody has the lease.
      if (!this.#isUnknown && !AWAY.has(thrown.code)) throw thrown;
    }
  }

  /** One whose token is an agent's asks as an agent. */
  async #ask(wish: LeaseWish): Promise<{ readonly id: string }> {
    try {
      return await this.#parts.ask(wish);
    } catch (thrown) {
      const isKind = thrown instanceof FleettyError && thrown.details?.["reason"] === "kind";
      if (!isKind || wish.kind === "agent") throw thrown;
      this.#kind = "agent";
      return this.#parts.ask({ ...wish, kind: "agent" });
    }
  }
}
