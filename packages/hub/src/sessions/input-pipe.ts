// Carries one viewer's inputs to the terminal, numbered, in order and once: what has not been acknowledged is sent again
// under the same numbers after a lost link. Knows no socket and no terminal.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { OpenInput, WorkerPort } from "@fleetty/protocol/worker-port";

/** Unacknowledged bytes of one viewer: a terminal that takes nothing must not fill the hub. */
const PENDING_MAX_BYTES = 1024 * 1024;
const REOPEN_MS = 200;

export interface InputPipeOptions {
  readonly session: string;
  readonly client: string;
  readonly port: WorkerPort;
  readonly call: () => Call;
  readonly onWritten: (upto: number, generation: number, offset: number) => void;
  readonly onError: (number: number | undefined, error: FleettyError) => void;
}

export class InputPipe {
  readonly #options: InputPipeOptions;
  readonly #pending = new Map<number, Uint8Array>();
  #pendingBytes = 0;
  #channel: OpenInput | null = null;
  #isOpening = false;
  #isClosed = false;
  #lastNumber = 0;

  constructor(options: InputPipeOptions) {
    this.#options = options;
  }

  /** `number` as the viewer counts; without it the pipe counts. */
  write(bytes: Uint8Array, number = this.#lastNumber + 1): void {
    if (this.#isClosed || bytes.byteLength === 0) return;
    if (this.#pendingBytes + bytes.byteLength > PENDING_MAX_BYTES) {
      const message = "the terminal takes no input just now; wait until earlier input is acknowledged";
      return this.#options.onError(number, new FleettyError("channel_full", message));
    }
    this.#lastNumber = number;
    this.#pending.set(number, bytes.slice());
    this.#pendingBytes += bytes.byteLength;
    if (this.#channel) this.#channel.send(number, bytes);
    else void this.#open();
  }

  close(): void {
    this.#isClosed = true;
    this.#channel?.close();
  }

  async #open(): Promise<void> {
    if (this.#isOpening || this.#isClosed) return;
    this.#isOpening = true;
    try {
      const { port, session, client, call } = this.#options;
      const channel = await port.input({ session, client }, this.#events(), call());
      this.#channel = channel;
      for (const [number, bytes] of this.#pending) channel.send(number, bytes);
    } catch (thrown) {
      this.#refuse(toFleettyError(thrown));
    } finally {
      this.#isOpening = false;
    }
  }

  #events() {
    return {
      written: (upto: number, generation: number, offset: number) => {
        this.#settle(upto);
        this.#options.onWritten(upto, generation, offset);
      },
      failed: (number: number | undefined, error: FleettyError) => {
        if (number !== undefined) this.#settle(number);
        this.#options.onError(number, error);
      },
      closed: (reason: string) => this.#onClosed(reason),
    };
  }

  #settle(upto: number): void {
    for (const [number, bytes] of this.#pending) {
      if (number > upto) return;
      this.#pending.delete(number);
      this.#pendingBytes -= bytes.byteLength;
    }
  }

  #onClosed(reason: string): void {
    this.#channel = null;
    if (this.#isClosed) return;
    if (reason === "input_gap") {
      return this.#options.onError(
        undefined,
        new FleettyError("invalid_request", "an input before this one never came"),
      );
    }
    if (this.#pending.size > 0) setTimeout(() => void this.#open(), REOPEN_MS);
  }

  #refuse(error: FleettyError): void {
    if (error.retryable && !this.#isClosed) {
      setTimeout(() => void this.#open(), REOPEN_MS);
      return;
    }
    for (const number of this.#pending.keys()) this.#options.onError(number, error);
    this.#pending.clear();
    this.#pendingBytes = 0;
  }
}
