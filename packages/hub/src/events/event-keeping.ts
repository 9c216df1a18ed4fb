// All of the events of one server, opened and closed together: the log, who writes it, and who may follow it. Knows no event.
import type { Logger } from "pino";
import type { Scope } from "../auth/scope.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { HubStore } from "../store/hub-store.ts";
import { EventFeed } from "./event-feed.ts";
import { EventLog } from "./event-log.ts";
import { FleetReporter } from "./fleet-reporter.ts";

export interface EventKeepingOptions {
  readonly store: HubStore;
  readonly fleet: Fleet;
  readonly own: { readonly id: string; readonly hostname: string };
  readonly log: Logger;
}

export class EventKeeping {
  readonly feed: EventFeed;
  readonly #log: EventLog;
  readonly #reporter: FleetReporter;

  private constructor(feed: EventFeed, log: EventLog, reporter: FleetReporter) {
    this.feed = feed;
    this.#log = log;
    this.#reporter = reporter;
  }

  /** The log takes up where it ended: what happened meanwhile is in it when this resolves, and nobody may be served before. */
  static async open({ store, fleet, own, log: complaints }: EventKeepingOptions): Promise<EventKeeping> {
    const log = await EventLog.open({ store, own, log: complaints });
    const reporter = await FleetReporter.open({ store, fleet, own, log });
    const seen = (scope: Scope) => ({
      servers: () => fleet.seenBy(scope).servers,
      idOf: (reference: string) => fleet.seenBy(scope).find(reference)?.id ?? own.id,
    });
    const feed = new EventFeed({ log, own, fleet: seen });
    return new EventKeeping(feed, log, reporter);
  }

  /** What has happened by now is on the disk when it resolves; nobody is told anything more. */
  async close(): Promise<void> {
    this.#reporter.close();
    this.feed.close();
    await this.#log.close();
  }
}
