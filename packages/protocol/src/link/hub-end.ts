// The asking end of a link: correlates requests with answers, hands each channel its frames, acknowledges outcomes.
// Knows no socket and no session: it is built over a Carrier and fed by `receive`. Time-outs are its only clock.
//
//   open ──close()/closed by the other end──► closed: every pending request is refused, every channel told
import { errorFromWire, FleettyError, type MayHaveRun } from "../errors.ts";
import type { BinaryFrame } from "./binary-frames.ts";
import { lackOf } from "./features.ts";
import { preparedAnswer } from "./prepared-json.ts";
import {
  type Actor,
  fromWorker,
  type Inventory,
  type JournalEvent,
  type MemberStatus,
  type Tick,
  type WorkerFrame,
} from "./text-frames.ts";
import { type Carrier, Wire } from "./wire.ts";

/** What goes with every request: for whom, on which way, and until when. */
export interface Call {
  readonly actor: Actor;
  /** Servers that the request has passed; one that finds itself in it answers `loop`. */
  readonly via: readonly string[];
  /** Time that is left, in ms. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Whether the answer is only passed on: a long one comes as the JSON that it is, which nobody has read. */
  readonly passesOn?: boolean;
  /** Whether the operation changes nothing, so that a lost answer means nothing ran that matters. */
  readonly reads?: boolean;
}

/** Frames of one channel, as they come. Offsets are the session's. */
export interface ChannelEvents {
  output?(offset: number, bytes: Uint8Array): void;
  snapshot?(offset: number, payload: Uint8Array): void;
  gap?(from: number, to: number, reason: string): void;
  size?(rows: number, cols: number): void;
  exit?(exit: unknown, offset: number): void;
  written?(upto: number, generation: number, offset: number): void;
  /** That input was not written. */
  failed?(number: number | undefined, error: FleettyError): void;
  /** The channel will carry nothing more. */
  closed(reason: string): void;
}

export interface HubEndOptions {
  readonly carrier: Carrier;
  readonly linkGeneration: number;
  /** Name of the other end for messages: `session host 3f…`, `server build-1`. */
  readonly peerName: string;
  /** What refusals call the other end, where that is a server: `build-1`. */
  readonly server?: string;
  /** What the other end has said that it can do; absent: all that this version can. */
  readonly features?: readonly string[];
  /** All that lives at the other end: said first on a link, and again when something began that nobody waits for. */
  readonly onInventory: (sessions: Inventory["sessions"]) => void;
  readonly onEvent: (event: JournalEvent) => void;
  readonly onChanged: (session: string) => void;
  readonly onTick?: (tick: Tick) => void;
  readonly onStatus?: (status: MemberStatus) => void;
  readonly onBye?: (reason: string) => void;
  /** An answered probe: ms from asking to answer. */
  readonly onPong?: (roundTripMs: number) => void;
}

/** How often deadlines are looked at; they are seconds. */
const DEADLINES_EVERY_MS = 100;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: FleettyError) => void;
  readonly call: Call;
  /** On the clock of performance.now. */
  readonly untilMs: number;
  readonly cancel: () => void;
}

export class HubEnd {
  readonly #options: HubEndOptions;
  readonly #wire: Wire<typeof fromWorker>;
  readonly #pending = new Map<number, Pending>();
  readonly #channels = new Map<number, ChannelEvents>();
  #nextId = 1;
  #nextChannel = 1;
  #isOpen = true;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: HubEndOptions) {
    this.#options = options;
    this.#wire = new Wire({
      carrier: options.carrier,
      incoming: fromWorker,
      onText: (frame) => this.#onText(frame),
      onBinary: (frame) => this.#onBinary(frame),
      onWhole: (bytes) => this.#passOn(bytes),
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  receive(data: string | Uint8Array): void {
    this.#wire.receive(data);
  }

  /** Asks, and resolves with the answer. Refusals of the other end come as they are; silence is `server_timeout`. */
  request(op: string, p: unknown, call: Call): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(this.#unavailable(false));
    if (call.signal?.aborted) return Promise.reject(cancelled());
    const { features, peerName: peer } = this.#options;
    const lack = features && lackOf(features, { op, p, peer });
    if (lack) return Promise.reject(lack);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = () => this.#cancel(id);
      call.signal?.addEventListener("abort", cancel, { once: true });
      this.#pending.set(id, { resolve, reject, call, untilMs: performance.now() + call.deadlineMs, cancel });
      this.#timer ??= setInterval(() => this.#timeOut(), DEADLINES_EVERY_MS);
      this.#sendRequest(id, op, p, call);
    });
  }

  /** A channel number whose frames go to `events` from now on, before the other end has been told of it. */
  openChannel(events: ChannelEvents): number {
    const ch = this.#nextChannel++;
    this.#channels.set(ch, events);
    return ch;
  }

  /** Forgets a channel and tells the other end. */
  closeChannel(ch: number, reason: string): void {
    if (!this.#channels.delete(ch) || !this.#isOpen) return;
    this.#wire.sendText({ type: "closed", ch, reason } as { type: "closed" });
  }

  credit(ch: number, upto: number): void {
    if (this.#isOpen) this.#wire.sendText({ type: "credit", ch, upto } as { type: "credit" });
  }

  /** What is sent on that channel from now on is typed under this lease. */
  sendLease(ch: number, lease: string | undefined): void {
    if (this.#isOpen) this.#wire.sendText({ type: "lease", ch, lease: lease ?? null } as { type: "lease" });
  }

  sendInput(ch: number, number: number, payload: Uint8Array): void {
    if (this.#isOpen) this.#wire.sendBinary({ type: "input", flags: 0, channel: ch, offset: number, payload });
  }

  /** The socket has sent what it held: long requests go on. */
  drained(): void {
    if (this.#isOpen) this.#wire.drained();
  }

  /** Asks for a sign of life. */
  ping(): void {
    if (this.#isOpen) this.#wire.sendText({ type: "ping", n: 0, mono_ms: performance.now() } as { type: "ping" });
  }

  ack(seq: number): void {
    if (this.#isOpen) this.#wire.sendText({ type: "ack", seq } as { type: "ack" });
  }

  /** The link is gone: whatever waits is refused, honestly about whether it may have run. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#wire.closed();
    this.#stopClock();
    for (const id of [...this.#pending.keys()]) {
      const pending = this.#settle(id);
      pending?.reject(this.#unavailable(pending.call.reads ? false : "unknown"));
    }
    for (const channel of [...this.#channels.values()]) channel.closed("link lost");
    this.#channels.clear();
  }

  /** Nobody waits for that answer any more. */
  #cancel(id: number): void {
    this.#wire.sendText({ type: "cancel", id } as { type: "cancel" });
  }

  #sendRequest(id: number, op: string, p: unknown, call: Call): void {
    const { linkGeneration: gen } = this.#options;
    const { deadlineMs, actor, via } = call;
    this.#wire.sendJson(JSON.stringify({ type: "req", id, op, p, gen, deadline_ms: deadlineMs, actor, via }));
  }

  #onText(frame: WorkerFrame): void {
    switch (frame.type) {
      case "res":
        return this.#onResponse(frame);
      case "inventory":
        return this.#options.onInventory(frame.sessions);
      case "evt":
        return this.#options.onEvent(frame);
      case "changed":
        return this.#options.onChanged(frame.session);
      case "tick":
        return this.#options.onTick?.(frame);
      case "status":
        return this.#options.onStatus?.(frame);
      case "gap":
        return this.#channels.get(frame.ch)?.gap?.(frame.from, frame.to, frame.reason);
      case "size":
        return this.#channels.get(frame.ch)?.size?.(frame.rows, frame.cols);
      case "exit":
        return this.#channels.get(frame.ch)?.exit?.(frame.exit, frame.offset);
      case "in_ack":
        return this.#channels.get(frame.ch)?.written?.(frame.upto, frame.generation, frame.offset);
      case "error":
        return this.#channels.get(frame.ch)?.failed?.(frame.input, errorFromWire(frame.error));
      case "closed": {
        const channel = this.#channels.get(frame.ch);
        this.#channels.delete(frame.ch);
        return channel?.closed(frame.reason);
      }
      case "ping":
        return this.#wire.sendText({ ...frame, type: "pong" });
      case "pong":
        return this.#options.onPong?.(performance.now() - frame.mono_ms);
      case "bye":
        return this.#options.onBye?.(frame.reason);
      default:
        return;
    }
  }

  #onResponse(frame: Extract<WorkerFrame, { type: "res" }>): void {
    const pending = this.#settle(frame.id);
    if (frame.ok) pending?.resolve(frame.p);
    else pending?.reject(errorFromWire(frame.error));
  }

  /** Reading megabytes of JSON to write them again keeps everybody waiting. */
  #passOn(bytes: Uint8Array): boolean {
    const answer = preparedAnswer(bytes);
    if (!answer || !this.#pending.get(answer.id)?.call.passesOn) return false;
    this.#settle(answer.id)?.resolve(answer.value);
    return true;
  }

  #onBinary(frame: BinaryFrame): void {
    const channel = this.#channels.get(frame.channel);
    if (frame.type === "output") channel?.output?.(frame.offset, frame.payload);
    else if (frame.type === "snapshot") channel?.snapshot?.(frame.offset, frame.payload);
  }

  /** Takes a request off; undefined when it is settled already. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.call.signal?.removeEventListener("abort", pending.cancel);
    return pending;
  }

  /** One clock for all requests: a timer for each costs more than its answer. */
  #timeOut(): void {
    if (this.#pending.size === 0) return this.#stopClock();
    const nowMs = performance.now();
    const late = [...this.#pending].filter(([, { untilMs }]) => untilMs <= nowMs);
    for (const [id] of late) {
      const pending = this.#settle(id);
      this.#cancel(id);
      pending?.reject(this.#silent(pending.call));
    }
  }

  #stopClock(): void {
    clearInterval(this.#timer ?? undefined);
    this.#timer = null;
  }

  #silent(call: Call): FleettyError {
    const { peerName, server } = this.#options;
    const details = { ...(server !== undefined && { server }), ...(!call.reads && { may_have_run: "unknown" }) };
    return new FleettyError("server_timeout", `${peerName} did not answer in time; look, then try again`, details);
  }

  #unavailable(mayHaveRun: MayHaveRun): FleettyError {
    const { peerName, server } = this.#options;
    return new FleettyError("server_unavailable", `the link to ${peerName} is down; try again in a moment`, {
      ...(server !== undefined && { server }),
      reason: "closed",
      may_have_run: mayHaveRun,
    });
  }
}

function cancelled(): FleettyError {
  return new FleettyError("cancelled", "the caller has gone");
}
