// Opens a TCP connection to the first of some addresses that answers: in their order, the next one when one has failed or
// is slow, without giving up the slow one (RFC 8305, 5). Node's own race drops an attempt after its head start, so that
// a host behind a slow network is never reached. It is given numbers and resolves nothing.
import { connect, type Socket } from "node:net";

export interface RaceOptions {
  /** IP addresses, at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly signal: AbortSignal;
}

export type RaceEnd =
  | { readonly kind: "reached"; readonly socket: Socket; readonly address: string }
  /** `code` of the system, of the attempt that failed last. */
  | { readonly kind: "unreached"; readonly code: string };

/** Head start of each attempt before the next one (RFC 8305, 8). */
const HEAD_START_MS = 250;

/** Rejects with the signal's reason. Whatever is not handed over is closed. */
export function raceToConnect(options: RaceOptions): Promise<RaceEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<RaceEnd>();
  const race = new AddressRace(options, resolve);
  const stop = () => {
    race.end();
    reject(options.signal.reason);
  };
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  else race.tryNext();
  return promise.finally(() => options.signal.removeEventListener("abort", stop));
}

class AddressRace {
  readonly #waiting: string[];
  readonly #port: number;
  readonly #resolve: (end: RaceEnd) => void;
  readonly #trying = new Set<Socket>();
  #headStart: NodeJS.Timeout | undefined;

  constructor({ addresses, port }: RaceOptions, resolve: (end: RaceEnd) => void) {
    this.#waiting = [...addresses];
    this.#port = port;
    this.#resolve = resolve;
  }

  tryNext(): void {
    clearTimeout(this.#headStart);
    const host = this.#waiting.shift();
    if (host === undefined) return;
    const socket = connect({ host, port: this.#port, noDelay: true });
    this.#trying.add(socket);
    socket.once("connect", () => this.#won(socket, host));
    // Stays after the race: an error of a socket that nobody listens to would end the process; its "close" tells enough.
    socket.on("error", (error: NodeJS.ErrnoException) => this.#failed(socket, error.code ?? "unknown"));
    if (this.#waiting.length > 0) this.#headStart = setTimeout(() => this.tryNext(), HEAD_START_MS);
  }

  /** Closes every attempt that has not won. */
  end(): void {
    clearTimeout(this.#headStart);
    this.#waiting.length = 0;
    for (const socket of this.#trying) socket.destroy();
    this.#trying.clear();
  }

  #won(socket: Socket, address: string): void {
    this.#trying.delete(socket);
    this.end();
    this.#resolve({ kind: "reached", socket, address });
  }

  #failed(socket: Socket, code: string): void {
    if (!this.#trying.delete(socket)) return;
    if (this.#waiting.length > 0) this.tryNext();
    else if (this.#trying.size === 0) this.#resolve({ kind: "unreached", code });
  }
}
