// The public face of a watch. Light, so that a client that watches nothing pays nothing: what does the work, and brings the
// codec of the link with its schema library, is loaded when a watch is made.
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Transport } from "../transport.ts";
import type { WrittenAt } from "./input-ledger.ts";
import type { Size, WatchItem } from "./items.ts";
import type { ReadOutput } from "./rest-of-exited.ts";
import type { WatchRun } from "./watch-run.ts";

type WatchInput = OperationInput<"sessions.watch">;

/** What a watch needs of its client. `signal` in calls is the watch's own. */
export interface WatchSource {
  readonly input: WatchInput;
  readonly signal: AbortSignal | undefined;
  readonly transport: () => Promise<Transport>;
  /** Path and query of the upgrade. */
  readonly pathOf: (input: WatchInput) => string;
  readonly getSession: (session: string, signal: AbortSignal) => Promise<OperationOutput<"sessions.get">>;
  readonly readOutput: (signal: AbortSignal) => ReadOutput;
}

/**
 * A live view of one session, iterated once; connects by itself as soon as it is made. Stays bound to the session's id.
 * After a lost connection it goes on from the first byte it lacks: nothing comes twice, and what cannot come is a gap item
 * followed by a snapshot. The iteration throws what refused it for good, and `cancelled` when its signal aborts.
 */
export class Watch implements AsyncIterableIterator<WatchItem, undefined> {
  readonly #run: Promise<WatchRun>;

  constructor(source: WatchSource) {
    this.#run = import("./watch-run.ts").then(({ WatchRun }) => new WatchRun(source));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<WatchItem, undefined>> {
    return (await this.#run).next();
  }

  /** Ends the watch, as leaving a `for await` does. */
  async return(): Promise<IteratorResult<WatchItem, undefined>> {
    (await this.#run).close();
    return { done: true, value: undefined };
  }

  /** Ends the watch; the session does not notice. What was typed and is not acknowledged may be lost. */
  close(): void {
    void this.return();
  }

  /**
   * Types bytes, or a text as UTF-8. Resolves when the terminal has them, also over lost connections, after which they
   * are sent again under the same number and written once. Throws `channel_full`, or why they were not written;
   * `may_have_run` in its details is "unknown" when nobody can tell.
   */
  async write(data: string | Uint8Array): Promise<WrittenAt> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
    return (await this.#run).write(bytes);
  }

  /** What is typed and resized from now on is so under this lease of the session, over lost connections too; null: under none. */
  useLease(lease: string | null): void {
    void this.#run.then((run) => run.useLease(lease));
  }

  /** Gives the session another size; the answer is a `size` item, or an `error` item. */
  resize(size: Size): void {
    void this.#run.then((run) => run.resize(size));
  }
}
