// The subscriptions of the fleet's JSON WebSocket: one for each session that is asked for, told with the name that the session
// has at that moment. Each is one of its session's clients.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { CallContext, HubCalls, Observed } from "../calls.ts";
import type { OwnAnswer, OwnMethod } from "./conversation.ts";
import type { Bound } from "./methods.ts";
import type { SocketRequest } from "./request-frame.ts";
import type { SessionEvent } from "./session-events.ts";
import type { SocketOut } from "./socket-out.ts";
import { Subscription } from "./subscription.ts";
import { readWish } from "./wish.ts";

export interface FleetSubscriptionsParts {
  readonly calls: HubCalls;
  readonly context: CallContext;
  readonly out: SocketOut;
}

interface Subscribed {
  readonly observed: Observed;
  readonly subscription: Subscription;
}

export class FleetSubscriptions {
  readonly subscribe: OwnMethod = {
    isOfSession: true,
    run: (request, at) => this.#subscribe(request, at as Bound),
  };
  readonly #parts: FleetSubscriptionsParts;
  /** By the ids of their sessions. */
  readonly #open = new Map<string, Subscribed>();
  constructor(parts: FleetSubscriptionsParts) {
    this.#parts = parts;
  }

  /** The socket has sent what it held. */
  drained(): void {
    for (const { subscription } of this.#open.values()) subscription.drained();
  }

  close(): void {
    for (const id of [...this.#open.keys()]) this.#end(id);
  }

  /** A new one takes the place of the one before, which ends with its answer. */
  async #subscribe({ params }: SocketRequest, at: Bound): Promise<OwnAnswer> {
    const wish = readWish(params);
    const result = { events: [...wish.events] };
    const { calls, context } = this.#parts;
    const observed = await calls.observe(at, context);
    if (wish.events.size === 0) {
      observed.close();
      return { result, next: () => this.#end(observed.id) };
    }
    try {
      const tellsIdle = wish.events.has("activity");
      const { subscription, begin } = await Subscription.prepare({ ...this.#telling(observed), wish, tellsIdle });
      const next = () => {
        this.#end(observed.id);
        this.#add({ observed, subscription });
        begin();
      };
      return { result, next };
    } catch (thrown) {
      observed.close();
      throw thrown;
    }
  }

  #add({ observed, subscription }: Subscribed): void {
    this.#open.set(observed.id, { observed, subscription });
    if (this.#parts.out.isLeft()) return this.#end(observed.id);
    const over = () => {
      if (this.#open.get(observed.id)?.subscription === subscription) this.#end(observed.id);
    };
    observed.listen({
      changed: () => subscription.changed(),
      away: (since) => subscription.away(since),
      back: () => subscription.back(),
      ended: (info: SessionInfo) => void subscription.finish(info).then(over),
      lost: over,
    });
  }

  #end(id: string): void {
    const subscribed = this.#open.get(id);
    this.#open.delete(id);
    subscribed?.subscription.close();
    subscribed?.observed.close();
  }

  #telling(observed: Observed) {
    const { tell, room, bufferedBytes, broke } = this.#parts.out;
    return {
      observed,
      tell: (event: SessionEvent) => tell(framed(observed, event)),
      lagged: (skipped: number, type: string) => tell({ type, ...about(observed), skipped }),
      room,
      bufferedBytes,
      broke,
    };
  }
}

/** An `id` of the event's own stands for itself. */
function framed(observed: Observed, { event, ...members }: SessionEvent): object {
  const of = about(observed);
  return event === "sync" ? { event, ...of, params: members } : { event, ...of, ...members };
}

function about({ name: session, server, id }: Observed) {
  return { session, server, id };
}
