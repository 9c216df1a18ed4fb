// Carries one viewer's inputs to the terminal, numbered, in order and once: what has not been acknowledged is sent again
// under the same numbers after a lost link. Knows no socket and no terminal.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { OpenInput, WorkerPort } from "@fleetty/protocol/worker-port";

/** Unacknowledged bytes of one viewer: a terminal that takes nothing must not fill the hub. */
const PENDING_MAX_BYTES = 1024 * 1024;
const REOPEN_MS = 200;
/** Ctrl+\, alone, from an attach client (public contract). */
const TOGGLE = 0x1c;
const NOTHING = new Uint8Array();

export interface InputPipeOptions {
  readonly session: string;
  readonly client: string;
  /** Under which it types at first. */
  readonly lease: string | undefined;
  /** Whether what it types may be captured. */
  readonly attach: boolean;
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
  #lease: string | undefined;

  constructor(options: InputPipeOptions) {
    this.#options = options;
    this.#lease = options.lease;
  }

  /** What is written from now on is typed under this lease. */
  useLease(lease: string | undefined): void {
    this.#lease = lease;
    this.#channel?.useLease(lease);
  }

  /** `number` as the viewer counts; without it the pipe counts. */
  write(bytes: Uint8Array, number = this.#lastNumber + 1): void {
    if (this.#isClosed || bytes.byteLength === 0) return;
    if (this.#pendingBytes + bytes.byteLength > PENDING_MAX_BYTES) {
      const message = "the terminal takes no input just now; wait until earlier input is acknowledged";
      return this.#options.onError(number, new FleettyError("channel_full", message));
    }
    this.#lastNumber = number;
    this.#pendingBytes += bytes.byteLength - (this.#pending.get(number)?.byteLength ?? 0);
    this.#pending.set(number, bytes.slice());
    if (this.#channel) this.#send(this.#channel, number, bytes);
    else void this.#open();
  }

  /** What was written before still reaches the terminal, also when the channel is only being opened. */
  close(): void {
    this.#isClosed = true;
    this.#channel?.close();
    this.#channel = null;
  }

  async #open(): Promise<void> {
    if (this.#channel || this.#isOpening || this.#isClosed) return;
    this.#isOpening = true;
    try {
      const { port, session, client, attach, call } = this.#options;
      // Frames may come in the same read as the answer that they follow, and so before it is seen here.
      const seen = { closed: false };
      const channel = await port.input({ session, client, lease: this.#lease, attach }, this.#events(seen), call());
      if (seen.closed) throw new FleettyError("server_unavailable", "the link was lost; the input is sent again");
      for (const [number, bytes] of this.#pending) this.#send(channel, number, bytes);
      if (this.#isClosed) channel.close();
      else this.#channel = channel;
    } catch (thrown) {
      this.#refuse(toFleettyError(thrown));
    } finally {
      this.#isOpening = false;
    }
  }

  /** A host of before would type the key that has keys captured, and so end a program: it gets nothing under that number. */
  #send(channel: OpenInput, number: number, bytes: Uint8Array): void {
    const isToggle = this.#options.attach && bytes.byteLength === 1 && bytes[0] === TOGGLE;
    channel.send(number, isToggle && !channel.captures ? NOTHING : bytes);
  }

  #events(seen: { closed: boolean }) {
    return {
      written: (upto: number, generation: number, offset: number) => {
        this.#settle(upto);
        this.#options.onWritten(upto, generation, offset);
      },
      failed: (number: number | undefined, error: FleettyError) => {
        if (number !== undefined) this.#settle(number);
        this.#options.onError(number, error);
      },
      closed: (reason: string) => {
        seen.closed = true;
        this.#onClosed(reason);
      },
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
      this.#forgetAll();
      const message = "an input before this one never came; send again from the first that was not acknowledged";
      return this.#options.onError(undefined, new FleettyError("invalid_request", message));
    }
    if (this.#pending.size > 0) setTimeout(() => void this.#open(), REOPEN_MS);
  }

  #refuse(error: FleettyError): void {
    if (error.retryable && !this.#isClosed) {
      setTimeout(() => void this.#open(), REOPEN_MS);
      return;
    }
    const numbers = [...this.#pending.keys()];
    this.#forgetAll();
    for (const number of numbers) this.#options.onError(number, error);
  }

  #forgetAll(): void {
    this.#pending.clear();
    this.#pendingBytes = 0;
  }
}
