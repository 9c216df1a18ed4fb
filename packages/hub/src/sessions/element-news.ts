// Hears of one session's overlays, panels and captured keys, for all who are attached to it here: one question at a time is
// with the session, from the first of them to the last. Tells that something may have changed, never what. Knows no socket.
//
//   asking where news begin ──answered──► following ──last one left, session ended, or its host knows no elements──► closed
//             ▲                               │
//             └───────────link lost───────────┘ (then all are told: what was missed nobody knows)
import { FleettyError } from "@fleetty/protocol/errors";
import { type Call, plainAnswer } from "@fleetty/protocol/link";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { NoticeKind } from "@fleetty/protocol/schemas/notices";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "./hub-call.ts";

/** Asked again after so long (the maximum of the operation). */
const FOLLOW_MS = 60_000;
/** Beyond that, for the way there and back. */
const WAY_MS = 10_000;
/** Fifty times a second: each time everybody reads, and more is not seen. */
const BETWEEN_TOLD_MS = 20;
const AGAIN_AFTER_MS = 200;
const KINDS: NoticeKind[] = ["overlay", "shown", "mode"];

/** Who is attached. */
export interface NewsViewer {
  /** Elements, or where keys go, may be others than they were. */
  elementsChanged(): void;
}

export class ElementNews {
  readonly #session: string;
  readonly #port: WorkerPort;
  readonly #viewers = new Set<NewsViewer>();
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** Whoever comes now has missed nothing since it was asked. */
  #isFollowing = false;

  constructor(session: string, port: WorkerPort) {
    this.#session = session;
    this.#port = port;
  }

  get isEmpty(): boolean {
    return this.#viewers.size === 0;
  }

  /** Tells it at once if there is something to see. */
  add(viewer: NewsViewer): void {
    this.#viewers.add(viewer);
    if (this.#viewers.size === 1) void this.#follow();
    else if (this.#isFollowing) void this.#greet([viewer]);
  }

  remove(viewer: NewsViewer): void {
    this.#viewers.delete(viewer);
    if (this.isEmpty) this.close();
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  async #follow(): Promise<void> {
    let wasLost = false;
    while (!this.#abort.signal.aborted) {
      try {
        const { seq } = await this.#ask({});
        this.#isFollowing = true;
        if (wasLost) this.#tell();
        else void this.#greet([...this.#viewers]);
        await this.#followFrom(seq);
        return;
      } catch (thrown) {
        if (!(thrown instanceof FleettyError && thrown.retryable)) return;
        wasLost = true;
        await this.#pause(AGAIN_AFTER_MS);
      }
    }
  }

  /** Resolves when the session has ended, or nobody listens any more. */
  async #followFrom(seq: number): Promise<void> {
    for (let after = seq; !this.#abort.signal.aborted; ) {
      const answer = await this.#ask({ after });
      if (answer.notices.length > 0 || answer.missed > 0) this.#tell();
      if (answer.ended) return;
      after = answer.seq;
      await this.#pause(BETWEEN_TOLD_MS);
    }
  }

  async #ask(from: { readonly after?: number }): Promise<OperationOutput<"sessions.notices">> {
    const wish = { session: this.#session, kinds: KINDS, max_wait_ms: FOLLOW_MS, ...from };
    const call: Call = { ...hubCall(), deadlineMs: FOLLOW_MS + WAY_MS, signal: this.#abort.signal };
    return plainAnswer(await this.#port.call("sessions.notices", wish, call));
  }

  #tell(): void {
    for (const viewer of this.#viewers) viewer.elementsChanged();
  }

  /** Who has just come hears of it only when there is something to see; that it cannot be asked is heard by whoever follows. */
  async #greet(viewers: readonly NewsViewer[]): Promise<void> {
    const isAnything = await this.#isAnything().catch(() => true);
    if (!isAnything) return;
    for (const viewer of viewers) if (this.#viewers.has(viewer)) viewer.elementsChanged();
  }

  async #isAnything(): Promise<boolean> {
    const on = { session: this.#session };
    const [overlays, panels, { mode }] = await Promise.all([
      this.#port.call("sessions.overlays.list", on, hubCall()).then(plainAnswer),
      this.#port.call("sessions.panels.list", on, hubCall()).then(plainAnswer),
      this.#port.call("sessions.input_mode", on, hubCall()).then(plainAnswer),
    ]);
    return overlays.length > 0 || panels.length > 0 || mode === "capture";
  }

  /** Never over once this is closed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#abort.signal.aborted) this.#timer = setTimeout(resolve, ms);
    });
  }
}
