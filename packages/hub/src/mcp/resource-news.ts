// Tells one client what has changed of the resources that it subscribed to, and when there are others than before. Decides how
// often; how it reaches the client is the session's to know.
import { FleettyError } from "@fleetty/protocol/errors";
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import { ResourceNotFoundError } from "@modelcontextprotocol/server";
import type { CallContext, HubCalls } from "../calls.ts";
import type { EventStream } from "../events/event-feed.ts";
import { Paced } from "./paced.ts";
import { targetOf } from "./resources.ts";
import { ScreenNews } from "./screen-news.ts";
import type { Style } from "./tool.ts";

/** A model looks at a screen far less often; a person who watches through one notices no delay. */
const NEWS_EVERY_MS = 250;
/** Of one client: it watches each screen among them. */
const SUBSCRIPTIONS_MAX = 64;
const EVENTS_TOGETHER = 64;

/** After these there are other resources than before. */
const LIST_CHANGING: ReadonlySet<string> = new Set([
  "session.created",
  "session.exited",
  "session.removed",
  "session.renamed",
  "session.unreachable",
  "session.reachable",
]);

export interface ResourceNewsParts {
  readonly calls: HubCalls;
  readonly style: Style;
  readonly updated: (uri: string) => void;
  readonly listChanged: () => void;
}

interface Subscription {
  readonly news: Paced;
  readonly screen: ScreenNews | null;
  /** Of what it is when it is a list. */
  readonly list: "sessions" | "servers" | null;
}

export class ResourceNews {
  readonly #parts: ResourceNewsParts;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #list: Paced;
  #events: EventStream | null = null;
  #isFollowing = false;

  constructor(parts: ResourceNewsParts) {
    this.#parts = parts;
    this.#list = new Paced(NEWS_EVERY_MS, parts.listChanged);
  }

  /** Throws ResourceNotFoundError and FleettyError. */
  async subscribe(uri: string, context: CallContext): Promise<void> {
    const { calls, style, updated } = this.#parts;
    if (this.#subscriptions.has(uri)) return;
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      const message = `${SUBSCRIPTIONS_MAX} resources are subscribed to; end one first`;
      throw new FleettyError("resource_limit_reached", message, { limit: "subscriptions", max: SUBSCRIPTIONS_MAX });
    }
    const target = targetOf(uri, style);
    if (!target) throw new ResourceNotFoundError(uri);
    const news = new Paced(NEWS_EVERY_MS, () => updated(uri));
    const { session, kind } = target;
    if (session === null) {
      this.#subscriptions.set(uri, { news, screen: null, list: kind });
      return;
    }
    const screen = new ScreenNews({ calls, session, context, tell: () => news.news() });
    this.#subscriptions.set(uri, { news, screen, list: null });
    await screen.open().catch((thrown) => {
      this.unsubscribe(uri);
      throw thrown;
    });
  }

  unsubscribe(uri: string): void {
    const subscription = this.#subscriptions.get(uri);
    subscription?.screen?.close();
    subscription?.news.close();
    this.#subscriptions.delete(uri);
  }

  /** Follows what happens in the fleet, once. Rejects when the log cannot be followed. */
  async follow(context: CallContext): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    try {
      const events = await this.#parts.calls.follow({ types: ["session.", "server."] }, context);
      this.#events = events;
      if (!this.#isFollowing) events.close();
      for (;;) {
        const told = await events.next(EVENTS_TOGETHER);
        if (told.length === 0) return;
        for (const event of told) this.#happened(event);
      }
    } finally {
      this.#isFollowing = false;
    }
  }

  close(): void {
    this.#isFollowing = false;
    this.#events?.close();
    this.#list.close();
    for (const uri of [...this.#subscriptions.keys()]) this.unsubscribe(uri);
  }

  #happened({ type }: FleetEvent): void {
    if (LIST_CHANGING.has(type) || type === "gap") this.#list.news();
    for (const { list, news } of this.#subscriptions.values()) {
      const isMeant =
        list === "sessions" ? !type.startsWith("server.") : list === "servers" && !type.startsWith("session.");
      if (isMeant) news.news();
    }
  }
}
