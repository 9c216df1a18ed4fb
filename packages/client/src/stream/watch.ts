// Watches one session for as long as it lives, over as many connections as that takes. Decides when to connect again, from
// which byte, and how it ends. Knows no socket API; what frames mean is the viewer's.
//
//   binding ──id and first byte known──► connecting ◄──connection lost──┐
//                                           │  └─────upgrade accepted──► streaming ──exit frame──► done
//                                           ├──session has exited: the rest is read by offset────► done
//                                           └──refused for good (no such session, no right)──────► failed
import { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { cancelled, errorFromAnswer, errorFromFailure } from "../refusals.ts";
import { type Transport, TransportFailure } from "../transport.ts";
import { backoffMs } from "./backoff.ts";
import type { WrittenAt } from "./input-ledger.ts";
import type { Size, WatchItem } from "./items.ts";
import type { Line, LineEvents } from "./line.ts";
import { pause } from "./pause.ts";
import { type ReadOutput, restOfExited } from "./rest-of-exited.ts";
import { Viewer } from "./viewer.ts";
import type { StreamFrame } from "./words.ts";

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

/** Close codes of the contract that end a watch for good. */
const DETACHED = 4000;
const CREDENTIAL_ENDED = 4401;
/** A connection that held for so long was a good one: the next attempt comes at once again. */
const LASTING_MS = 5_000;
/** Bytes that a consumer may leave lying before the watch stops connecting again: what one server keeps of a session. */
const QUEUED_MAX_BYTES = 1024 * 1024;

/**
 * A live view of one session, iterated once; connects by itself as soon as it is made. Stays bound to the session's id.
 * After a lost connection it goes on from the first byte it lacks: nothing comes twice, and what cannot come is a gap item
 * followed by a snapshot. Throws what refused it for good, and `cancelled` when its signal aborts.
 */
export class Watch implements AsyncIterableIterator<WatchItem, undefined> {
  readonly #source: WatchSource;
  readonly #abort = new AbortController();
  readonly #viewer = new Viewer((word) => this.#line?.say(word));
  readonly #client: string;
  #id = "";
  #line: Line | undefined;
  /** Connections in a row that could not be made or did not last. */
  #failures = 0;
  #openedAtMs = 0;
  #wasConnected = false;
  #isCut = false;

  constructor(source: WatchSource) {
    this.#source = source;
    this.#client = source.input.client ?? crypto.randomUUID();
    const { signal } = source;
    const cancel = () => this.#end({ error: cancelled(signal?.reason) });
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true, signal: this.#abort.signal });
    void this.#run();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<WatchItem, undefined>> {
    return this.#viewer.items.next();
  }

  /** Ends the watch, as leaving a `for await` does. */
  async return(): Promise<IteratorResult<WatchItem, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  /** Ends the watch; the session does not notice. */
  close(): void {
    this.#viewer.items.abandon();
    this.#end("done");
  }

  /**
   * Types bytes, or a text as UTF-8. Resolves when the terminal has them, also over lost connections, after which they
   * are sent again under the same number and written once. Throws `channel_full`, or why they were not written;
   * `may_have_run` in its details is "unknown" when nobody can tell.
   */
  async write(data: string | Uint8Array): Promise<WrittenAt> {
    if (this.#viewer.hasEnded) throw this.#unwritten(false);
    if (this.#source.input.readonly) throw refusal("forbidden", "this watch is readonly; watch without it to type");
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (bytes.byteLength === 0) throw refusal("invalid_request", "there is nothing to type");
    return this.#viewer.type(bytes);
  }

  /** Gives the session another size; the answer is a `size` item, or an `error` item. */
  resize(size: Size): void {
    this.#viewer.resize(size);
  }

  async #run(): Promise<void> {
    try {
      await this.#bind();
      while (!(await this.#connectOnce())) {
        await pause(backoffMs(this.#failures++, Math.random()), this.#abort.signal);
        await this.#viewer.items.roomBelow(QUEUED_MAX_BYTES);
      }
      this.#end("done");
    } catch (error) {
      this.#end({ error });
    }
  }

  /** Learns the id, so that another session that takes the name is never mistaken for this one, and the first byte. */
  async #bind(): Promise<void> {
    const { input, getSession } = this.#source;
    const session = await getSession(input.session, this.#abort.signal);
    this.#id = session.id;
    if (!input.snapshot) this.#viewer.beginAt(input.from ?? session.offset);
  }

  /** Streams over one connection; true when there is nothing more to come. */
  async #connectOnce(): Promise<boolean> {
    if (this.#abort.signal.aborted) return true;
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    const opened = await this.#open({
      frame: (frame) => this.#take(frame),
      broken: (cause) => this.#end({ error: refusal("internal_error", "the server sent a broken frame", cause) }),
      closed: (code, reason) => closed.resolve({ code, reason }),
    });
    if (opened instanceof FleettyError) return this.#refused(opened);
    this.#opened(opened);
    const { code, reason } = await closed.promise;
    this.#line = undefined;
    return this.#closed(code, reason);
  }

  async #open(events: LineEvents): Promise<Line | FleettyError> {
    const transport = await this.#source.transport();
    try {
      // The codec brings a schema library that nobody but a watch should pay for.
      const { openLine } = await import("./line.ts");
      const opened = await openLine(transport, { path: this.#path(), events, signal: this.#abort.signal });
      return "say" in opened ? opened : errorFromAnswer(opened, { reads: true });
    } catch (error) {
      if (error instanceof TransportFailure)
        return errorFromFailure(error, { address: transport.address, reads: true });
      throw error;
    }
  }

  #path(): string {
    const { from: _from, snapshot: _snapshot, client: _client, ...others } = this.#source.input;
    const { next } = this.#viewer;
    const begin = next === undefined ? { snapshot: true } : { from: next };
    const client = others.readonly ? {} : { client: this.#client };
    return this.#source.pathOf({ ...others, session: this.#id, ...begin, ...client });
  }

  #opened(line: Line): void {
    this.#line = line;
    this.#openedAtMs = performance.now();
    this.#wasConnected = true;
    if (this.#isCut) this.#viewer.tell({ type: "reconnected" });
    this.#isCut = false;
    this.#viewer.greet();
  }

  async #refused(error: FleettyError): Promise<boolean> {
    const mayHaveMissed = this.#wasConnected || this.#source.input.from !== undefined;
    if (error.code === "session_exited" && mayHaveMissed) return this.#readRest();
    if (!error.retryable || !this.#wasConnected) throw error;
    this.#cut(error);
    return false;
  }

  #closed(code: number, reason: string): boolean {
    if (this.#viewer.hasEnded) return true;
    if (performance.now() - this.#openedAtMs > LASTING_MS) this.#failures = 0;
    if (code === CREDENTIAL_ENDED) throw refusal("auth_invalid", "the token has ended; take another one");
    if (code === DETACHED) {
      this.#viewer.tell({ type: "closed", reason: reason || "detached" });
      return true;
    }
    this.#cut(refusal("server_unavailable", `the stream of ${this.#id} was cut (${reason || `code ${code}`})`));
    return false;
  }

  #cut(error: FleettyError): void {
    if (!this.#isCut) this.#viewer.tell({ type: "disconnected", error });
    this.#isCut = true;
  }

  /** The session ended while there was no connection: its last bytes are read by offset, then its end is told. */
  async #readRest(): Promise<boolean> {
    const { readOutput, getSession } = this.#source;
    const { signal } = this.#abort;
    for await (const { offset, bytes } of restOfExited(readOutput(signal), this.#id, this.#viewer.next ?? 0)) {
      this.#viewer.takeOutput(offset, bytes);
      await this.#viewer.items.roomBelow(QUEUED_MAX_BYTES);
    }
    const { exit, offset } = await getSession(this.#id, signal);
    this.#viewer.tell({ type: "exit", exit: (exit ?? { unknown: true }) as Exit, offset });
    return true;
  }

  #take(frame: StreamFrame): void {
    this.#viewer.take(frame);
    if (this.#viewer.hasEnded) this.#line?.close();
  }

  #end(end: "done" | { readonly error: unknown }): void {
    this.#viewer.end(end, this.#unwritten("unknown"));
    this.#abort.abort();
  }

  #unwritten(mayHaveRun: false | "unknown"): FleettyError {
    const message = `the watch of ${this.#id} has ended; look at the session before typing again`;
    return new FleettyError("session_exited", message, { may_have_run: mayHaveRun });
  }
}

function refusal(code: ErrorCode, message: string, cause?: unknown): FleettyError {
  return new FleettyError(code, message, undefined, { cause });
}
