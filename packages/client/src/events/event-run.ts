// Follows the events of a fleet for as long as its caller wants, over as many connections as that takes: each begins after
// the last event that came, so nothing comes twice, and what cannot come is an event of the type `gap`.
//
//   connecting ──hello──► streaming ──lost, silent, server gone──► connecting …       refused for good ──► failed
import { FleettyError } from "@fleetty/protocol/errors";
import { type OperationInput, operations } from "@fleetty/protocol/operations";
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import { cancelled, errorFromAnswer, errorFromFailure } from "../refusals.ts";
import { requestForm } from "../request-form.ts";
import { backoffMs } from "../stream/backoff.ts";
import { pause } from "../stream/pause.ts";
import { type StreamedAnswer, type Transport, TransportFailure } from "../transport.ts";
import { SseParser } from "./sse-parser.ts";

export interface EventSource {
  readonly input: OperationInput<"events.stream">;
  readonly signal: AbortSignal;
  readonly transport: () => Promise<Transport>;
  /** Throws what is wrong with the input. */
  readonly check: () => Promise<void>;
}

/** Three heartbeats of the server: without a word for so long the connection is half-open, or its server frozen. */
const SILENCE_MAX_MS = 45_000;
/** What a connection that was made leaves of the failures before it: a server that accepts and cuts is not hammered. */
const FAILURES_AFTER_OPEN = 2;

export class EventRun {
  readonly #source: EventSource;
  #cursor: string | undefined;
  #failures = 0;
  #wasConnected = false;

  constructor(source: EventSource) {
    this.#source = source;
    this.#cursor = source.input.cursor;
  }

  /** Throws `cancelled` when the signal aborts, and what refused it for good. */
  async *events(): AsyncGenerator<FleetEvent, void, undefined> {
    const { signal, check } = this.#source;
    await check();
    for (;;) {
      const connection = new Connection(signal);
      try {
        yield* this.#over(connection);
      } catch (error) {
        if (signal.aborted) throw cancelled(signal.reason);
        await this.#judge(error);
      } finally {
        connection.end();
      }
      await pause(backoffMs(this.#failures++, Math.random()), signal);
      if (signal.aborted) throw cancelled(signal.reason);
    }
  }

  async *#over(connection: Connection): AsyncGenerator<FleetEvent, void, undefined> {
    const { body } = await this.#open(connection);
    const parser = new SseParser();
    const decoder = new TextDecoder();
    for await (const bytes of body) {
      connection.heard();
      for (const { id, event, data } of parser.push(decoder.decode(bytes, { stream: true }))) {
        this.#cursor = id ?? this.#cursor;
        if (event !== "hello" && data !== undefined) yield JSON.parse(data) as FleetEvent;
      }
    }
  }

  async #open({ signal }: Connection): Promise<StreamedAnswer> {
    const transport = await this.#source.transport();
    const members = { ...this.#source.input, cursor: this.#cursor };
    const { method, path } = requestForm(operations["events.stream"], members);
    const answer = await transport.stream({ method, path, headers: { accept: "text/event-stream" }, signal });
    if (answer.status !== 200) throw errorFromAnswer({ ...answer, body: await wholeOf(answer.body) }, { reads: true });
    this.#wasConnected = true;
    this.#failures = Math.min(this.#failures, FAILURES_AFTER_OPEN);
    return answer;
  }

  /** Throws what no other attempt would mend; one that never worked is not tried for ever. */
  async #judge(error: unknown): Promise<void> {
    if (error instanceof FleettyError && (!error.retryable || !this.#wasConnected)) throw error;
    if (this.#wasConnected) return;
    if (!(error instanceof TransportFailure)) throw error;
    throw errorFromFailure(error, { address: (await this.#source.transport()).address, reads: true });
  }
}

/** One connection, which ends with its owner's signal, or when nothing is heard of it. */
class Connection {
  readonly #end = new AbortController();
  readonly signal: AbortSignal;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(owner: AbortSignal) {
    this.signal = AbortSignal.any([owner, this.#end.signal]);
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end.abort(), SILENCE_MAX_MS);
  }

  end(): void {
    clearTimeout(this.#silence);
    this.#end.abort();
  }
}

async function wholeOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: number[] = [];
  for await (const bytes of body) pieces.push(...bytes);
  return Uint8Array.from(pieces);
}
