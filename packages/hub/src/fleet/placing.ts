// Starts a session on one of a set of servers: on the least loaded first, on the next when that one surely has not started it,
// three at most; and waits for room when it is asked to. What is on its way to a server counts there, so that a burst spreads;
// from when the server tells of it, it is one of its sessions, and counts once all the same.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Gone } from "@fleetty/protocol/gone";
import { serversIn } from "./chosen-servers.ts";
import { nameOf } from "./find-server.ts";
import type { Destination, FleetView } from "./fleet-view.ts";
import { type Placed, place } from "./placement.ts";
import { serversWithout } from "./tool-search.ts";

/** Among which servers, and for what. */
export interface PlacementAsked {
  /** A server set; absent: all that are in sight. */
  readonly on?: string | undefined;
  /** A program that the server has. */
  readonly tool?: string | undefined;
}

export interface PlacedStart<T> {
  readonly asked: PlacementAsked;
  /** How long to wait for a free slot, in ms. */
  readonly waitMs: number;
  /** Of the session that is to be. */
  readonly id: string;
  readonly gone: Gone;
  /** The fleet as the caller may see it just now. */
  readonly see: () => FleetView;
  readonly start: (to: Destination) => Promise<T>;
}

/** Servers that are tried, before any effect (public contract, placement). */
const TRIES_MAX = 3;
/** How often a full fleet is looked at again. */
const AGAIN_MS = 500;
/** A start whose end is not known counts for so long. */
const UNCLEAR_MS = 10_000;

export class Placing {
  /** Ids of sessions that are being started, and of the servers on which. */
  readonly #onTheWay = new Map<string, string>();

  /** Throws `invalid_selector`, `server_not_found`, `no_servers`, `no_eligible_server`, or the refusal of the start itself. */
  async start<T extends object>({ asked, waitMs, id: session, gone, see, start }: PlacedStart<T>) {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const placed = await this.#place(asked, see());
      const started = await this.#tryAll(placed, (id) => this.#counted({ session, id }, () => start(see().server(id))));
      if (started) {
        const { considered, rejected, scores } = placed;
        return {
          ...started.answer,
          placement: { asked, considered, rejected, scores, chosen: started.server },
        };
      }
      if (performance.now() >= untilMs || gone.isGone) throw none(asked, placed);
      await new Promise((resolve) => setTimeout(resolve, Math.min(AGAIN_MS, Math.max(1, untilMs - performance.now()))));
    }
  }

  /** The servers that are meant, judged as they are now. */
  async #place({ on = "*", tool }: PlacementAsked, view: FleetView): Promise<Placed> {
    const without = tool === undefined ? null : await serversWithout(tool, view);
    const meant = serversIn(on, view.servers);
    if (meant.length === 0) {
      throw new FleettyError(
        "no_servers",
        `${JSON.stringify(on)} means no server that is registered; list the servers to see which are`,
      );
    }
    const onTheWay = Map.groupBy(this.#onTheWay.keys(), (session) => this.#onTheWay.get(session));
    return place(
      meant.map((server) => ({
        ...server,
        reserved: (onTheWay.get(server.id) ?? []).filter((session) => !server.knows(session)).length,
        without: without?.get(server.id),
      })),
    );
  }

  async #tryAll<T extends object>({ eligible }: Placed, start: (id: string) => Promise<T>) {
    let refusal: FleettyError | null = null;
    for (const server of eligible.slice(0, TRIES_MAX)) {
      const { id } = server;
      try {
        return { answer: await start(id), server: nameOf(server) };
      } catch (thrown) {
        refusal = toFleettyError(thrown);
        if (!hasSurelyNotRun(refusal)) throw refusal;
      }
    }
    if (refusal) throw refusal;
    return null;
  }

  /** `id` is that of the server. */
  async #counted<T>({ session, id }: { session: string; id: string }, start: () => Promise<T>): Promise<T> {
    this.#onTheWay.set(session, id);
    let isUnclear = false;
    try {
      return await start();
    } catch (thrown) {
      isUnclear = !hasSurelyNotRun(toFleettyError(thrown));
      throw thrown;
    } finally {
      if (isUnclear) setTimeout(() => this.#onTheWay.delete(session), UNCLEAR_MS).unref();
      else this.#onTheWay.delete(session);
    }
  }
}

/** Another server may be able to, and nothing was begun on this one. */
function hasSurelyNotRun({ code, details }: FleettyError): boolean {
  if (code === "max_sessions_reached" || code === "server_cordoned") return true;
  return (code === "server_unavailable" || code === "unsupported") && details?.["may_have_run"] === false;
}

function none(asked: PlacementAsked, { considered, rejected }: Placed): FleettyError {
  const shown = rejected.slice(0, 3).map(({ server, because }) => `${server}: ${because}`);
  const more = rejected.length > shown.length ? `, and ${rejected.length - shown.length} more` : "";
  const message = `none of ${considered} servers can take a session now (${shown.join("; ")}${more}); try again, or wait with wait_ms`;
  return new FleettyError("no_eligible_server", message, { asked, considered, rejected });
}
