// The answering end of a link: serves requests by name, keeps its channels, sends outcomes until they are acknowledged.
// Knows no socket and no session: it is built over a Carrier, given one `serve` function, and fed by `receive`.
import { FleettyError, toFleettyError } from "../errors.ts";
import { Gone } from "../gone.ts";
import { findOperation } from "../operations/index.ts";
import type { BinaryFrame } from "./binary-frames.ts";
import { MESSAGE_MAX_BYTES } from "./parts.ts";
import { answerJson } from "./prepared-json.ts";
import { type Actor, fromHub, type HubFrame, type Request } from "./text-frames.ts";
import { type Carrier, Wire } from "./wire.ts";

/** What a handler is told of the request beside its input. */
export interface ServeContext {
  readonly actor: Actor;
  readonly via: readonly string[];
  readonly deadlineMs: number;
  /** Gone when the asking end cancels, and when the link is lost. */
  readonly caller: Gone;
  readonly link: WorkerEnd;
}

/** What the asking end sends on a channel. */
export interface ChannelHandler {
  credit?(upto: number): void;
  input?(number: number, bytes: Uint8Array): void;
  lease?(lease: string | undefined): void;
  /** The socket has sent what it held. */
  drained?(): void;
  closed(reason: string): void;
}

export interface WorkerEndOptions {
  readonly carrier: Carrier;
  readonly linkGeneration: number;
  readonly serve: (op: string, p: unknown, context: ServeContext) => Promise<unknown>;
  readonly onAck: (seq: number) => void;
  /** A probe of this end was answered. */
  readonly onPong?: () => void;
  /** Told of what was no refusal but a defect, with its cause. */
  readonly onDefect: (op: string, error: FleettyError) => void;
}

/** Requests that one link may have open; more are refused with `channel_full` and nothing done. */
const INFLIGHT_MAX = 4096;
/** Of these so many are not for what waits for something to happen, so that a session can be seen and ended whoever waits. */
const FOR_WORK = 512;

export class WorkerEnd {
  readonly #options: WorkerEndOptions;
  readonly #wire: Wire<typeof fromHub>;
  readonly #inflight = new Map<number, Gone>();
  /** Of those in flight, what is not waiting for something to happen. */
  readonly #atWork = new Set<Promise<void>>();
  readonly #channels = new Map<number, ChannelHandler>();
  readonly #whenClosed: (() => void)[] = [];
  #isOpen = true;

  constructor(options: WorkerEndOptions) {
    this.#options = options;
    this.#wire = new Wire({
      carrier: options.carrier,
      incoming: fromHub,
      onText: (frame) => this.#onText(frame),
      onBinary: (frame) => this.#onBinary(frame),
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Bytes that the socket still holds: streams wait for it to fall before they send more. */
  get bufferedBytes(): number {
    return this.#wire.bufferedBytes;
  }

  /** What comes after the end is not obeyed: a superseded end may go on asking until it hears of it. */
  receive(data: string | Uint8Array): void {
    if (this.#isOpen) this.#wire.receive(data);
  }

  openChannel(ch: number, handler: ChannelHandler): void {
    this.#channels.get(ch)?.closed("replaced");
    this.#channels.set(ch, handler);
  }

  /** Ends a channel from this side. */
  closeChannel(ch: number, reason: string): void {
    if (this.#channels.delete(ch)) this.send({ type: "closed", ch, reason });
  }

  /** Goes before everything that is sent later. */
  send(frame: { readonly type: string; readonly [member: string]: unknown }): void {
    if (this.#isOpen) this.#wire.sendText(frame);
  }

  sendBinary(frame: BinaryFrame): void {
    if (this.#isOpen) this.#wire.sendBinary(frame);
  }

  /** The socket has sent what it held: channels that waited for it go on, also those of sessions that are over, then long answers. */
  drained(): void {
    for (const channel of [...this.#channels.values()]) channel.drained?.();
    this.#wire.drained();
  }

  /** Resolves when what has been asked so far is answered, but for what waits for something to happen. Never rejects. */
  async answered(): Promise<void> {
    await Promise.all(this.#atWork);
  }

  /** Everything that has been answered goes to the socket, which is about to be closed. */
  flush(): void {
    if (this.#isOpen) this.#wire.flush();
  }

  close(code: number, reason: string): void {
    this.#wire.close(code, reason);
  }

  /** `act` is called once, when the link is gone; at once if it is gone already. */
  whenClosed(act: () => void): void {
    if (this.#isOpen) this.#whenClosed.push(act);
    else act();
  }

  /** The link is gone: whatever was being served is told that nobody waits, and every channel ends. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#wire.closed();
    for (const caller of this.#inflight.values()) caller.went();
    this.#inflight.clear();
    for (const channel of [...this.#channels.values()]) channel.closed("link lost");
    this.#channels.clear();
    for (const act of this.#whenClosed.splice(0)) act();
  }

  #onText(frame: HubFrame): void {
    switch (frame.type) {
      case "req":
        return this.#begin(frame);
      case "cancel":
        return this.#inflight.get(frame.id)?.went();
      case "ack":
        return this.#options.onAck(frame.seq);
      case "credit":
        return this.#channels.get(frame.ch)?.credit?.(frame.upto);
      case "lease":
        return this.#channels.get(frame.ch)?.lease?.(frame.lease ?? undefined);
      case "closed": {
        const channel = this.#channels.get(frame.ch);
        this.#channels.delete(frame.ch);
        return channel?.closed(frame.reason);
      }
      case "ping":
        return this.send({ ...frame, type: "pong" });
      case "pong":
        return this.#options.onPong?.();
      default:
        return;
    }
  }

  #onBinary(frame: BinaryFrame): void {
    if (frame.type === "input") this.#channels.get(frame.channel)?.input?.(frame.offset, frame.payload);
  }

  #begin(request: Request): void {
    const serving = this.#serve(request);
    if (findOperation(request.op)?.blocks) return;
    this.#atWork.add(serving);
    void serving.then(() => this.#atWork.delete(serving));
  }

  async #serve(request: Request): Promise<void> {
    const caller = new Gone();
    this.#inflight.set(request.id, caller);
    const answer = await this.#answer(request, caller);
    this.#inflight.delete(request.id);
    if (!this.#isOpen || this.#send(answer)) return;
    this.#wire.sendJson(refusalOf(request, tooLong(request.op)));
  }

  /** False: it is too long, not sent. */
  #send(answer: string | Uint8Array): boolean {
    return typeof answer === "string" ? this.#wire.sendJson(answer) : this.#wire.sendLong(answer);
  }

  async #answer(request: Request, caller: Gone): Promise<string | Uint8Array> {
    try {
      this.#admit(request);
      const { actor, via, deadline_ms: deadlineMs } = request;
      const context = { actor, via, deadlineMs, caller, link: this };
      const value = await this.#options.serve(request.op, request.p, context);
      return answerJson(request.id, value);
    } catch (thrown) {
      const error = toFleettyError(thrown);
      if (error.code === "internal_error") this.#options.onDefect(request.op, error);
      return refusalOf(request, error);
    }
  }

  #admit(request: Request): void {
    if (request.gen < this.#options.linkGeneration) {
      throw new FleettyError("stale_generation", "this request belongs to an earlier link", { may_have_run: false });
    }
    const max = findOperation(request.op)?.blocks ? INFLIGHT_MAX - FOR_WORK : INFLIGHT_MAX;
    if (this.#inflight.size > max) {
      throw new FleettyError("channel_full", `more than ${max} requests are open; wait for some to end`);
    }
  }
}

function refusalOf({ id }: Request, error: FleettyError): string {
  return JSON.stringify({ type: "res", id, ok: false, error: error.toWire() });
}

/** One answer that is longer than a message may be must not end the link, which serves everybody. */
function tooLong(op: string): FleettyError {
  const limit = MESSAGE_MAX_BYTES / 1024 ** 2;
  const message = `the answer to ${op} is longer than ${limit} MiB; ask for less of it, or make the session's screen smaller`;
  return new FleettyError("resource_limit_reached", message, { limit: "message" });
}
