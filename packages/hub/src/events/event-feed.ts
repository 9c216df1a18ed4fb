// Lets callers follow the event log: from where, of what, and how many at once. Decides what one event looks like to them.
// Knows no HTTP.
import { FleettyError } from "@fleetty/protocol/errors";
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import { EVERYTHING, type Scope } from "../auth/scope.ts";
import type { Caller } from "../calls.ts";
import { cutMs, WAIT_DEFAULT_MS } from "../waits/wait-parts.ts";
import { cursorOf, readCursor } from "./cursor.ts";
import { type EventWish, eventFilter, type FilterFleet } from "./event-filter.ts";
import type { EventLog } from "./event-log.ts";
import { type Followed, Follower } from "./follower.ts";
import { asObserved, mayObserve } from "./may-observe.ts";

export interface EventFeedOptions {
  readonly log: EventLog;
  /** The fleet as far as a scope reaches. */
  readonly fleet: (scope: Scope) => FilterFleet;
  readonly own: { readonly id: string; readonly hostname: string };
}

/** Public limits. */
const STREAMS_MAX = 256;
/** Who follows for how long it wants: readers of an event stream, or WebSockets and MCP clients that are told what comes and goes. */
type FollowerKind = "event_streams" | "sockets" | "mcp_clients";
const LIMIT_DEFAULT = 100;

/** Events as their follower reads them. */
export interface EventStream {
  /** The first: where it begins. */
  readonly hello: FleetEvent;
  /** Cursor to begin again with; goes on also when nothing comes that was asked for. */
  readonly cursor: string;
  /** Resolves with the next, at most `max` of them; with none once it is closed. */
  next(max: number): Promise<readonly FleetEvent[]>;
  close(): void;
}

export interface EventAnswer {
  readonly events: readonly FleetEvent[];
  readonly cursor: string;
  readonly gaps: readonly FleetEvent[];
}

export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #open = new Set<Follower>();
  readonly #following: Record<FollowerKind, number> = { event_streams: 0, sockets: 0, mcp_clients: 0 };

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#following.event_streams;
  }

  /** WebSockets of the fleet that are open. */
  get sockets(): number {
    return this.#following.sockets;
  }

  /** Throws `invalid_cursor`, `server_not_found`, `invalid_selector`, `resource_limit_reached`. */
  follow(wish: EventWish, caller: Caller, kind: FollowerKind = "event_streams"): EventStream {
    if (this.#following[kind] >= STREAMS_MAX) throw tooMany(kind);
    const follower = this.#follower(wish, caller);
    this.#following[kind] += 1;
    const { log } = this.#options;
    const { scope } = caller.credential.facts;
    const told = (item: Followed) => this.#told(item, scope);
    let isOpen = true;
    return {
      hello: this.#own("hello", follower.position, {}),
      get cursor() {
        return cursorOf(log.id, follower.position);
      },
      next: async (max) => (await follower.next(max)).map(told),
      close: () => {
        if (isOpen) this.#following[kind] -= 1;
        isOpen = false;
        this.#close(follower);
      },
    };
  }

  /** One answer: what there is, else what comes first, else nothing at the end of the wait. */
  async poll(wish: EventWish, { caller, signal }: { caller: Caller; signal: AbortSignal }): Promise<EventAnswer> {
    const { max_wait_ms: wait = WAIT_DEFAULT_MS, limit = LIMIT_DEFAULT } = wish;
    const follower = this.#follower(wish, caller);
    const close = () => this.#close(follower);
    const timer = setTimeout(close, cutMs(wait));
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    try {
      const items = (await follower.next(limit)).map((item) => this.#told(item, caller.credential.facts.scope));
      return {
        events: items.filter(({ type }) => type !== "gap"),
        cursor: cursorOf(this.#options.log.id, follower.position),
        gaps: items.filter(({ type }) => type === "gap"),
      };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
      close();
    }
  }

  /** Nobody is told anything more. */
  close(): void {
    for (const follower of [...this.#open]) this.#close(follower);
  }

  #follower(wish: EventWish, caller: Caller): Follower {
    const { log, fleet } = this.#options;
    const { scope } = caller.credential.facts;
    const maySee = mayObserve(scope, fleet(EVERYTHING));
    const isAskedFor = eventFilter(wish, fleet(scope));
    const follower = new Follower({
      log,
      after: this.#after(wish.cursor),
      filter: (event) => maySee(event) && isAskedFor(asObserved(scope, event)),
    });
    this.#open.add(follower);
    return follower;
  }

  #after(cursor: string | undefined): number | null {
    const { log } = this.#options;
    if (cursor === undefined) return log.last;
    return cursor === "oldest" ? log.first - 1 : readCursor(log.id, cursor);
  }

  #close(follower: Follower): void {
    follower.close();
    this.#open.delete(follower);
  }

  #told(item: Followed, scope: Scope): FleetEvent {
    if ("gap" in item) return this.#own("gap", item.seq, item.gap);
    const { seq, at, type, server, session, session_id, data } = asObserved(scope, item);
    return {
      cursor: cursorOf(this.#options.log.id, seq),
      at,
      type,
      server,
      ...(session !== null && { session }),
      ...(session_id !== null && { id: session_id }),
      data: JSON.parse(data),
    };
  }

  #own(type: string, seq: number, data: FleetEvent["data"]): FleetEvent {
    const { log, own } = this.#options;
    return { cursor: cursorOf(log.id, seq), at: new Date().toISOString(), type, server: own.hostname, data };
  }
}

const CALLED: Readonly<Record<FollowerKind, string>> = {
  event_streams: "event streams",
  sockets: "WebSockets of the fleet",
  mcp_clients: "MCP clients that listen",
};

function tooMany(limit: FollowerKind): FleettyError {
  const message = `${STREAMS_MAX} ${CALLED[limit]} are under way; end one first`;
  return new FleettyError("resource_limit_reached", message, { limit, max: STREAMS_MAX });
}
