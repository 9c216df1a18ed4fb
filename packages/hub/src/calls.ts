// Holds the seam between faces and hub: what a face hands in after it has decoded a request and knows its caller, and
// what it gets back. A face decodes, makes one of these calls, encodes; it knows nothing of workers and links.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { Gone } from "@fleetty/protocol/gone";
import type { Actor, Snapshot } from "@fleetty/protocol/link";
import type { AskedName, OperationInput, OperationOutput, Verb } from "@fleetty/protocol/operations";
import type { Exit, SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Credential } from "./auth/credential.ts";
import type { EventStream } from "./events/event-feed.ts";

/** Who calls, by which right, and over what. */
export interface Caller {
  readonly actor: Actor;
  /** `admin` stands for all of them. */
  readonly verbs: ReadonlySet<Verb>;
  readonly transport: "unix" | "tcp";
  /** Whether nobody else can read what it sends: the unix socket, this very machine, or TLS. */
  readonly isPrivate: boolean;
  /** What lets it in; it may end while the call is under way. */
  readonly credential: Credential;
}

/** Looks at what may be a credential, and counts it where it is none. Throws `rate_limited` without looking. */
export type Attempt = <T>(look: () => T | null) => T | null;

/** What goes with a call. */
export interface CallContext {
  readonly caller: Caller;
  readonly gone: Gone;
  readonly requestId: string;
  readonly attempt: Attempt;
  /** `https://host:port` that the request was made to; null on the unix socket. */
  readonly reachedAt: () => string | null;
  /** The caller's idempotency key, where the operation takes one. */
  readonly key?: string | undefined;
  /** Of what the call makes, when that has been decided before. */
  readonly id?: string | undefined;
  /** Servers that a call over a link has passed: it is about this server's own sessions. Absent at every other face. */
  readonly via?: readonly string[] | undefined;
  /** Written by the hub, for faces that say it beside the answer. */
  readonly notes?: AnswerNotes;
}

/** What is told beside an answer. */
export interface AnswerNotes {
  /** Hostname of the server that the call was about, once that is known. */
  server?: string;
  /** Servers whose part may be missing. */
  partial?: readonly string[];
  /** Of a list, where more of it is. */
  nextCursor?: string;
}

/** An answer that was given before, under the same idempotency key. */
export class Replayed {
  readonly answer: unknown;

  constructor(answer: unknown) {
    this.answer = answer;
  }
}

/** Where a viewer's frames go. Every method returns at once; `bufferedBytes` tells how far the socket is behind. */
export interface ViewerSink {
  output(offset: number, bytes: Uint8Array): void;
  /** The screen at `offset`; the bytes that follow begin there. */
  snapshot(offset: number, snapshot: Snapshot): void;
  /** Bytes [from, to) will not come; a snapshot follows. */
  gap(from: number, to: number, reason: string): void;
  size(rows: number, cols: number): void;
  /** Overlays, panels, focus or input mode may be others than they were. */
  elements(): void;
  exit(exit: Exit, offset: number): void;
  /** Inputs up to this number are in the terminal. */
  written(upto: number, generation: number, offset: number): void;
  error(input: number | undefined, error: FleettyError): void;
  /** The viewer has been sent away: close the socket so that it does not come back by itself. */
  detached(): void;
  /** Nothing more will come: close the socket. `reason` is "session ended" or says what was lost. */
  ended(reason: string): void;
  bufferedBytes(): number;
}

/** What the far side of a viewer's socket can say. */
export interface Viewer {
  /** The session's id: a viewer stays bound to it. */
  readonly id: string;
  /** Everything below `upto` has been consumed. A viewer that never credits is bounded by its socket alone. */
  credit(upto: number): void;
  /** The socket has sent what it held: more may come. */
  drained(): void;
  /** Types bytes. `number` is the viewer's own count from 1 (fleetty.stream.v1); absent on a plain stream. */
  input(bytes: Uint8Array, number?: number): void;
  resize(size: { readonly rows: number; readonly cols: number }): void;
  /** What it does from now on it does under this lease. */
  useLease(lease: string | undefined): void;
  close(): void;
}

export interface ViewerOptions extends OperationInput<"sessions.watch"> {
  /** Whether the far side credits (fleetty.stream.v1): output then stops 256 KiB beyond the last credit. */
  readonly credits: boolean;
}

/** What is asked of a session that is observed. */
export type ObservedRead = "sessions.screen" | "sessions.idle" | "sessions.notices";

/** What is told of a session that is observed; after `ended` and `lost` nothing more. */
export interface ObservedEvents {
  /** Its screen may be another one than was read last. Told once after each read. */
  changed(): void;
  /** Its server cannot be reached, since then (RFC 3339). */
  away(since: string): void;
  back(): void;
  ended(info: SessionInfo): void;
  /** It is not there any more for whoever observes it. */
  lost(refusal: FleettyError): void;
}

/** One session that somebody observes for a while, and is counted among its clients for that. */
export interface Observed {
  readonly id: string;
  /** As it is called now. */
  readonly name: string;
  /** Hostname of its server. */
  readonly server: string;
  /** Called once. */
  listen(events: ObservedEvents): void;
  /** Asks, again after a lost link, until there is an answer or another refusal. Rejects with `cancelled` when `signal` aborts. */
  ask<Name extends ObservedRead>(
    name: Name,
    input: Omit<OperationInput<Name>, "session">,
    signal: AbortSignal,
  ): Promise<OperationOutput<Name>>;
  /** Its raw output from an offset on. */
  output(from: number, sink: ViewerSink): Promise<Viewer>;
  close(): void;
}

/** All that a face can ask of the hub. */
export interface HubCalls {
  /**
   * Checks the verb, then runs the operation where it belongs. `input` has been checked against the operation's schema.
   * Resolves with the answer, or with a Replayed one.
   */
  call(name: AskedName, input: unknown, context: CallContext): Promise<unknown>;
  /** Begins watching; refusals come before the upgrade is answered. */
  watch(options: ViewerOptions, sink: ViewerSink, context: CallContext): Promise<Viewer>;
  /** Begins to follow what happens in the fleet. Whoever has it closes it. */
  follow(wish: OperationInput<"events.stream">, context: CallContext): Promise<EventStream>;
  /** Begins to observe a session that lives. Whoever has it closes it. */
  observe(asked: OperationInput<"sessions.socket">, context: CallContext): Promise<Observed>;
  /** Begins to follow which sessions come and go in the fleet. Whoever has it closes it. */
  announce(asked: OperationInput<"fleet.socket">, context: CallContext): Promise<EventStream>;
}
