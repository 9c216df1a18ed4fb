// Watches one session for as long as it lives, over as many connections as that takes. Decides when to connect again, from
// which byte, and how it ends. Knows no socket API; what frames mean is the viewer's.
//
//   binding ──id and first byte known──► connecting ◄──connection lost──┐
//                                           │  └─────upgrade accepted──► streaming ──exit frame──► done
//                                           ├──session has exited: the rest is read by offset────► done
//                                           └──refused for good (no such session, no right)──────► failed
import { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { cancelled, errorFromAnswer, errorFromFailure } from "../refusals.ts";
import { TransportFailure } from "../transport.ts";
import { backoffMs } from "./backoff.ts";
import type { WrittenAt } from "./input-ledger.ts";
import type { Size, WatchItem } from "./items.ts";
import { type Line, type LineEvents, openLine } from "./line.ts";
import { pause } from "./pause.ts";
import { restOfExited } from "./rest-of-exited.ts";
import { Viewer } from "./viewer.ts";
import type { WatchSource } from "./watch.ts";
import type { StreamFrame } from "./words.ts";

/** Close codes of the contract that end a watch for good. */
const DETACHED = 4000;
const CREDENTIAL_ENDED = 4401;
/** What a connection that was made leaves of the failures before it: a server that accepts and cuts is not hammered. */
const FAILURES_AFTER_OPEN = 2;
/** Bytes that a consumer may leave lying before the watch stops connecting again: what one server keeps of a session. */
const QUEUED_MAX_BYTES = 1024 * 1024;

/** One watch, from its first connection to its end. What its methods promise stands in the public Watch. */
export class WatchRun {
  readonly #source: WatchSource;
  readonly #abort = new AbortController();
  readonly #viewer = new Viewer((word) => this.#line?.say(word));
  readonly #client: string;
  #id = "";
  #line: Line | undefined;
  /** Connections in a row that could not be made. */
  #failures = 0;
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

  next(): Promise<IteratorResult<WatchItem, undefined>> {
    return this.#viewer.items.next();
  }

  close(): void {
    this.#viewer.items.abandon();
    this.#end("done");
  }

  async write(bytes: Uint8Array): Promise<WrittenAt> {
    if (this.#viewer.hasEnded) throw this.#unwritten(false);
    if (this.#source.input.readonly) throw refusal("forbidden", "this watch is readonly; watch without it to type");
    if (bytes.byteLength === 0) throw refusal("invalid_request", "there is nothing to type");
    return this.#viewer.type(bytes);
  }

  resize(size: Size): void {
    this.#viewer.resize(size);
  }

  useLease(lease: string | null): void {
    this.#viewer.useLease(lease);
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
    const refused = await this.#open({
      opened: (line) => this.#opened(line),
      frame: (frame) => this.#take(frame),
      broken: (cause) => this.#end({ error: refusal("internal_error", "the server sent a broken frame", cause) }),
      closed: (code, reason) => closed.resolve({ code, reason }),
    });
    if (refused) return this.#refused(refused);
    const { code, reason } = await closed.promise;
    this.#line = undefined;
    this.#viewer.parted();
    return this.#closed(code, reason);
  }

  /** Resolves with nothing once the line is open, or with why it is not. */
  async #open(events: LineEvents): Promise<FleettyError | undefined> {
    const transport = await this.#source.transport();
    try {
      const answer = await openLine(transport, { path: this.#path(), events, signal: this.#abort.signal });
      return answer && errorFromAnswer(answer, { reads: true });
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
      const told = errorFromFailure(error, { address: transport.address, reads: true });
      return error.reason === "untold" ? await this.#reasonAskedFor(told) : told;
    }
  }

  /** What a browser does not tell of a refused upgrade the session itself may: that it has ended, or is not there. */
  async #reasonAskedFor(untold: FleettyError): Promise<FleettyError> {
    try {
      const { state } = await this.#source.getSession(this.#id, this.#abort.signal);
      return state === "exited" ? refusal("session_exited", `session ${this.#id} has ended`) : untold;
    } catch (error) {
      if (error instanceof FleettyError) return error;
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
    this.#failures = Math.min(this.#failures, FAILURES_AFTER_OPEN);
    this.#wasConnected = true;
    if (this.#isCut) this.#tellReturn();
    this.#isCut = false;
    this.#viewer.greet();
  }

  #tellReturn(): void {
    this.#viewer.tell({ type: "reconnected" });
    // Those that went meanwhile are nothing that the server would tell a new connection of.
    if (this.#source.input.attach) this.#viewer.tell({ type: "elements" });
  }

  async #refused(error: FleettyError): Promise<boolean> {
    const mayHaveMissed = this.#wasConnected || this.#source.input.from !== undefined;
    if (error.code === "session_exited" && mayHaveMissed) return this.#finish();
    if (!error.retryable || !this.#wasConnected) throw error;
    this.#cut(error);
    return false;
  }

  /** True once the rest has been read; a server that goes meanwhile is asked again for what is still missing. */
  async #finish(): Promise<boolean> {
    try {
      return await this.#readRest();
    } catch (error) {
      if (!(error instanceof FleettyError && error.retryable)) throw error;
      this.#cut(error);
      return false;
    }
  }

  #closed(code: number, reason: string): boolean {
    if (this.#viewer.hasEnded) return true;
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
    for await (const { gaps, offset, bytes } of restOfExited(readOutput(signal), this.#id, this.#viewer.next ?? 0)) {
      for (const { from, to, reason } of gaps) this.#viewer.takeGap(from, to, reason);
      this.#viewer.takeOutput(offset, bytes);
      await this.#viewer.items.roomBelow(QUEUED_MAX_BYTES);
    }
    const { exit, offset } = await getSession(this.#id, signal);
    // Of a session that was lost with its host the server may know less than this watcher has seen.
    this.#viewer.takeExit((exit ?? { unknown: true }) as Exit, Math.max(offset, this.#viewer.next ?? 0));
    return true;
  }

  #take(frame: StreamFrame): void {
    this.#viewer.take(frame);
    if (this.#viewer.hasExited) this.#line?.close();
  }

  #end(end: "done" | { readonly error: unknown }): void {
    this.#viewer.end(end, this.#unwritten("unknown"));
    this.#abort.abort();
  }

  #unwritten(mayHaveRun: false | "unknown"): FleettyError {
    const code = this.#viewer.hasExited ? "session_exited" : "cancelled";
    const message = `the watch of ${this.#id} has ended; look at the session before typing again`;
    return new FleettyError(code, message, { may_have_run: mayHaveRun });
  }
}

function refusal(code: ErrorCode, message: string, cause?: unknown): FleettyError {
  return new FleettyError(code, message, undefined, { cause });
}
