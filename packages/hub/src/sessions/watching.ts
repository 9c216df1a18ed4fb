// Holds who watches which session: one feed for each watched session, and the places of all that watch. Knows no socket.
import { randomUUID } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Viewer, ViewerOptions, ViewerSink } from "../calls.ts";
import { type ClientLimits, ClientPlaces } from "./client-places.ts";
import { ElementNews } from "./element-news.ts";
import { InputPipe } from "./input-pipe.ts";
import { Presences } from "./presence.ts";
import { SessionFeed } from "./session-feed.ts";
import { SessionViewer } from "./session-viewer.ts";

export interface BeginWatching {
  readonly info: SessionInfo;
  /** Where the session is. */
  readonly port: WorkerPort;
  readonly options: ViewerOptions;
  readonly sink: ViewerSink;
  readonly mayType: boolean;
  readonly call: () => Call;
  /** Whether whoever it serves has a place already. */
  readonly hasPlace?: boolean;
  /** Calls `tell` when this viewer may see the session no more. Returns how to stop listening. */
  readonly whenHidden?: (id: string, tell: (refusal: FleettyError) => void) => () => void;
}

export class Watching {
  /** Of viewers, and of all others who watch. */
  readonly places: ClientPlaces;
  /** Of those who read no output. */
  readonly presences = new Presences();
  readonly #feeds = new Map<string, SessionFeed>();
  /** Of sessions that somebody is attached to. */
  readonly #news = new Map<string, ElementNews>();
  readonly #viewers = new Set<SessionViewer>();

  constructor(limits: ClientLimits) {
    this.places = new ClientPlaces(limits);
  }

  /** Resolves when the viewer is being served. It counts from before it is, so that many at once keep the limits too. */
  async begin(begin: BeginWatching): Promise<Viewer> {
    const { info, port, options, sink, mayType } = begin;
    const leave = begin.hasPlace ? () => {} : this.places.take(info.id);
    const viewer = new SessionViewer({
      feed: this.#feedOf(info.id, port),
      sink,
      options,
      printed: info.offset,
      pipe: mayType ? this.#pipe(begin) : null,
      resize: (size, lease) => this.#resize(begin, { ...size, lease }),
      onClosed: (closed) => {
        stop?.();
        leave();
        this.#viewers.delete(closed);
        this.#stopNews(closed);
      },
    });
    const stop = begin.whenHidden?.(info.id, (refusal) => viewer.lost(refusal));
    this.#viewers.add(viewer);
    await viewer.begin();
    if (options.attach && options.credits && this.#viewers.has(viewer)) this.#tellNews(viewer, port);
    return viewer;
  }

  /** Sends away the viewers of a session that have attached. */
  detach(id: string): void {
    for (const viewer of [...this.#viewers]) if (viewer.id === id && viewer.isAttached) viewer.detach();
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    for (const news of this.#news.values()) news.close();
    this.#news.clear();
  }

  #tellNews(viewer: SessionViewer, port: WorkerPort): void {
    const news = this.#news.get(viewer.id) ?? new ElementNews(viewer.id, port);
    this.#news.set(viewer.id, news);
    news.add(viewer);
  }

  #stopNews(viewer: SessionViewer): void {
    const news = this.#news.get(viewer.id);
    news?.remove(viewer);
    if (news?.isEmpty) this.#news.delete(viewer.id);
  }

  #feedOf(id: string, port: WorkerPort): SessionFeed {
    const present = this.#feeds.get(id);
    if (present) return present;
    const feed = new SessionFeed(id, port, () => this.#feeds.delete(id));
    this.#feeds.set(id, feed);
    return feed;
  }

  /**
   * Inputs are numbered by principal and client: who takes another's client name gets none of its numbers. A viewer that
   * cannot number its inputs begins at 1 each time, and so under a name of its own.
   */
  #pipe({ info, port, options, sink, call }: BeginWatching): InputPipe {
    const isNamed = options.credits && options.client !== undefined;
    const name = isNamed ? `named ${options.client}` : `anonymous ${randomUUID()}`;
    return new InputPipe({
      session: info.id,
      client: `${call().actor.principal} ${name}`,
      lease: options.lease,
      attach: options.attach === true,
      port,
      call,
      onWritten: (upto, generation, offset) => sink.written(upto, generation, offset),
      onError: (number, error) => sink.error(number, error),
    });
  }

  async #resize(
    { info, port, mayType, call }: BeginWatching,
    asked: { rows: number; cols: number; lease: string | undefined },
  ): Promise<void> {
    if (!mayType)
      throw new FleettyError("forbidden", "this viewer only looks; attach with the verb input", { verb: "input" });
    await port.call("sessions.resize", { session: info.id, ...asked }, call());
  }
}
