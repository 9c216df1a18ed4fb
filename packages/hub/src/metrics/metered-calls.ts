// Stands between faces and hub and counts what goes to viewers. Changes nothing.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { Snapshot } from "@fleetty/protocol/link";
import type { AskedName, OperationInput } from "@fleetty/protocol/operations";
import type { Exit } from "@fleetty/protocol/schemas/common";
import type { CallContext, HubCalls, Observed, ObservedEvents, Viewer, ViewerOptions, ViewerSink } from "../calls.ts";
import type { EventStream } from "../events/event-feed.ts";
import type { Metrics } from "./metrics.ts";

export class MeteredCalls implements HubCalls {
  readonly #calls: HubCalls;
  readonly #metrics: Metrics;

  constructor(calls: HubCalls, metrics: Metrics) {
    this.#calls = calls;
    this.#metrics = metrics;
  }

  call(name: AskedName, input: unknown, context: CallContext): Promise<unknown> {
    return this.#calls.call(name, input, context);
  }

  watch(options: ViewerOptions, sink: ViewerSink, context: CallContext): Promise<Viewer> {
    return this.#calls.watch(options, new MeteredSink(sink, this.#metrics), context);
  }

  follow(wish: OperationInput<"events.stream">, context: CallContext): Promise<EventStream> {
    return this.#calls.follow(wish, context);
  }

  async observe(asked: OperationInput<"sessions.socket">, context: CallContext): Promise<Observed> {
    return new MeteredSession(await this.#calls.observe(asked, context), this.#metrics);
  }

  announce(asked: OperationInput<"fleet.socket">, context: CallContext): Promise<EventStream> {
    return this.#calls.announce(asked, context);
  }
}

class MeteredSession implements Observed {
  readonly #observed: Observed;
  readonly #metrics: Metrics;

  constructor(observed: Observed, metrics: Metrics) {
    this.#observed = observed;
    this.#metrics = metrics;
  }

  get id(): string {
    return this.#observed.id;
  }

  get name(): string {
    return this.#observed.name;
  }

  get server(): string {
    return this.#observed.server;
  }

  listen(events: ObservedEvents): void {
    this.#observed.listen(events);
  }

  ask: Observed["ask"] = (name, input, signal) => this.#observed.ask(name, input, signal);

  output(from: number, sink: ViewerSink): Promise<Viewer> {
    return this.#observed.output(from, new MeteredSink(sink, this.#metrics));
  }

  close(): void {
    this.#observed.close();
  }
}

class MeteredSink implements ViewerSink {
  readonly #sink: ViewerSink;
  readonly #metrics: Metrics;

  constructor(sink: ViewerSink, metrics: Metrics) {
    this.#sink = sink;
    this.#metrics = metrics;
  }

  output(offset: number, bytes: Uint8Array): void {
    this.#metrics.sent(bytes.byteLength);
    this.#sink.output(offset, bytes);
  }

  gap(from: number, to: number, reason: string): void {
    this.#metrics.gap();
    this.#sink.gap(from, to, reason);
  }

  snapshot(offset: number, snapshot: Snapshot): void {
    this.#sink.snapshot(offset, snapshot);
  }

  size(rows: number, cols: number): void {
    this.#sink.size(rows, cols);
  }

  elements(): void {
    this.#sink.elements();
  }

  exit(exit: Exit, offset: number): void {
    this.#sink.exit(exit, offset);
  }

  written(upto: number, generation: number, offset: number): void {
    this.#sink.written(upto, generation, offset);
  }

  error(input: number | undefined, error: FleettyError): void {
    this.#sink.error(input, error);
  }

  detached(): void {
    this.#sink.detached();
  }

  ended(reason: string): void {
    this.#sink.ended(reason);
  }

  bufferedBytes(): number {
    return this.#sink.bufferedBytes();
  }
}
