// What one subscriber is told of one session, from its subscription on: the screen as it is, then how the session is, then what
// changes. Owns those that tell; decides in which order things begin, and what is said last.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { within } from "../within.ts";
import { IdleTeller } from "./idle-teller.ts";
import { NoticeTeller } from "./notice-teller.ts";
import { OutputTeller } from "./output-teller.ts";
import { ScreenTeller } from "./screen-teller.ts";
import { SessionEvents } from "./session-events.ts";
import type { Telling } from "./telling.ts";
import { hearsExit, noticeKinds, type Wish } from "./wish.ts";

export interface SubscriptionParts extends Omit<Telling, "events" | "signal"> {
  /** Whether idle and running are told at all. */
  readonly tellsIdle: boolean;
}

/** What a session that has ended has still to say is said by then, or never. */
const LAST_WORDS_MS = 5_000;

export class Subscription {
  readonly #stop = new AbortController();
  readonly #telling: Telling;
  readonly #screens: ScreenTeller;
  readonly #notices: NoticeTeller | null;
  readonly #output: OutputTeller | null;
  readonly #idle: IdleTeller | null;
  /** Of those whose last words are waited for. */
  readonly #running: Promise<void>[] = [];

  private constructor({ tellsIdle, ...parts }: SubscriptionParts) {
    const { wish } = parts;
    const telling = { ...parts, events: new SessionEvents(wish), signal: this.#stop.signal };
    const kinds = noticeKinds(wish);
    this.#telling = telling;
    this.#screens = new ScreenTeller(telling);
    this.#notices = kinds.length > 0 ? new NoticeTeller(telling, this.#screens, kinds) : null;
    this.#output = wish.events.has("output") ? new OutputTeller(telling, this.#screens) : null;
    this.#idle = tellsIdle && wish.idleMs > 0 ? new IdleTeller(telling, this.#screens) : null;
  }

  /** One of nothing: only that the session is away, and how it is when it is back. */
  static ofNothing(parts: Omit<SubscriptionParts, "wish" | "tellsIdle">): Subscription {
    const wish: Wish = { events: new Set(), intervalMs: 0, format: "styled", idleMs: 0 };
    const subscription = new Subscription({ ...parts, wish, tellsIdle: false });
    void subscription.#guarded(subscription.#screens.run());
    return subscription;
  }

  /** Resolves with how to begin, once its request is answered. Rejects with why it cannot. */
  static async prepare(parts: SubscriptionParts): Promise<{ subscription: Subscription; begin: () => void }> {
    const subscription = new Subscription(parts);
    try {
      // What passes from here on is told, though the screen is read after it.
      await subscription.#notices?.begin();
      const screen = await subscription.#screens.begin();
      return { subscription, begin: () => subscription.#begin(screen) };
    } catch (thrown) {
      subscription.close();
      throw thrown;
    }
  }

  changed(): void {
    if (this.#telling.wish.events.size > 0) this.#screens.changed();
  }

  away(since: string): void {
    this.#telling.tell({ event: "unreachable", since });
  }

  back(): void {
    this.#screens.resync("reconnected");
  }

  /** The socket has sent what it held. */
  drained(): void {
    this.#output?.drained();
  }

  /** Tells what is left of a session that has ended. Resolves when nothing is. */
  async finish({ exit, offset }: SessionInfo): Promise<void> {
    const { wish, events, tell } = this.#telling;
    const last = wish.events.size > 0 ? [this.#screens.last()] : [];
    await within(LAST_WORDS_MS, Promise.allSettled([...this.#running, ...last]));
    if (hearsExit(wish)) tell(events.exit(exit as never, offset));
    this.close();
  }

  close(): void {
    this.#stop.abort();
    // It may be waiting for a change.
    this.#screens.changed();
  }

  #begin(screen: Awaited<ReturnType<ScreenTeller["begin"]>>): void {
    const { tell, events } = this.#telling;
    tell(events.sync(screen));
    // It may have changed before anybody could say so here.
    this.#screens.changed();
    const goOn = () => {
      void this.#guarded(this.#screens.run());
      if (this.#notices) this.#running.push(this.#guarded(this.#notices.run()));
      if (this.#output) this.#running.push(this.#guarded(this.#output.run(screen.offset)));
    };
    if (this.#idle) void this.#guarded(this.#idle.run(goOn));
    else goOn();
  }

  /** Nobody else hears when it breaks. */
  #guarded(telling: Promise<void>): Promise<void> {
    return telling.catch((thrown: unknown) => this.#telling.broke(thrown));
  }
}
