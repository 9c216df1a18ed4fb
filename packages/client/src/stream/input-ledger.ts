// Numbers what a watcher types and keeps it until the terminal has it, so that a new connection can be given the rest.
// The session host drops numbers that it has written already: sending again is harmless. Pure: knows no socket.
import { FleettyError } from "@fleetty/protocol/errors";

/** Where an input stands in the session: it was counted just before its bytes reached the terminal. */
export interface WrittenAt {
  readonly generation: number;
  readonly offset: number;
}

/** One numbered input that is not acknowledged yet. */
export interface PendingInput {
  readonly number: number;
  readonly bytes: Uint8Array;
}

interface Entry extends PendingInput {
  readonly written: PromiseWithResolvers<WrittenAt>;
}

/** One input carries at most this much, so that a key behind a paste waits for no more. */
const INPUT_MAX_BYTES = 64 * 1024;
/** Unacknowledged bytes that one watcher may have: the most that the server takes in one message. */
const PENDING_MAX_BYTES = 1024 * 1024;

export class InputLedger {
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;
  #nextNumber = 1;

  /** Takes bytes in as numbered inputs; `written` is where the first of them begins, once all are acknowledged. */
  add(bytes: Uint8Array): { inputs: PendingInput[]; written: Promise<WrittenAt> } {
    if (this.#bytes + bytes.byteLength > PENDING_MAX_BYTES) throw full();
    const entries: Entry[] = [];
    for (let at = 0; at < bytes.byteLength; at += INPUT_MAX_BYTES) {
      entries.push(this.#enter(bytes.slice(at, at + INPUT_MAX_BYTES)));
    }
    const written = Promise.all(entries.map((entry) => entry.written.promise)).then((all) => all[0] as WrittenAt);
    return { inputs: entries, written };
  }

  /** What a new connection has to be sent, lowest number first. */
  pending(): PendingInput[] {
    return [...this.#entries.values()];
  }

  /** Everything up to this number is in the terminal. */
  acknowledge(upto: number, at: WrittenAt): void {
    for (const entry of this.#upTo(upto)) {
      this.#forget(entry);
      entry.written.resolve(at);
    }
  }

  /** The server refused this input; the others stay. */
  refuse(number: number, error: FleettyError): void {
    const entry = this.#entries.get(number);
    if (!entry) return;
    this.#forget(entry);
    entry.written.reject(error);
  }

  /** Nothing more will be sent: whoever waits is told. Whether the bytes arrived cannot be known any more. */
  end(error: FleettyError): void {
    for (const { number } of this.pending()) this.refuse(number, error);
  }

  #enter(bytes: Uint8Array): Entry {
    const entry = { number: this.#nextNumber++, bytes, written: Promise.withResolvers<WrittenAt>() };
    this.#entries.set(entry.number, entry);
    this.#bytes += bytes.byteLength;
    return entry;
  }

  #upTo(number: number): Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.number <= number);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.number);
    this.#bytes -= entry.bytes.byteLength;
  }
}

function full(): FleettyError {
  return new FleettyError("channel_full", "more than 1 MiB typed that the terminal has not taken; wait for it", {
    may_have_run: false,
  });
}
