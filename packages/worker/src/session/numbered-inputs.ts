// Types the inputs that clients number: each once and in order, whatever is sent again after a lost connection. Decides what
// is answered to one that is sent again; which that is, its ledger knows.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Position } from "@fleetty/protocol/schemas/common";
import { InputLedger } from "./input-ledger.ts";
import type { Session } from "./session.ts";

/** Who types, and under which lease just now. */
export interface Typist {
  readonly client: string;
  readonly lease?: string | undefined;
  /** Whether its keystrokes may be captured. */
  readonly attach?: boolean | undefined;
}

export class NumberedInputs {
  readonly #session: Session;
  readonly #ledger = new InputLedger();
  /** The latest of them, settled with its failure noted. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The number that is expected next from `client`. */
  next(client: string): number {
    return this.#ledger.next(client);
  }

  /** As an input, once per number: sent again it is answered as the first time. `hole`: a number before it never came. */
  async type(typist: Typist, number: number, bytes: Uint8Array): Promise<Position | "hole"> {
    this.#session.running();
    const { client } = typist;
    const verdict = this.#ledger.take(client, number);
    if (verdict === "hole") return verdict;
    if (verdict === "write") return this.#write(typist, number, bytes);
    // The first attempt may still be on its way into the terminal: its end is this one's too.
    await this.#last;
    if (this.#ledger.take(client, number) === "duplicate")
      return this.#ledger.placeOf(client, number) ?? this.#session.position();
    throw this.#ledger.failureOf(client, number) ?? cutShort();
  }

  #write({ client, lease, attach }: Typist, number: number, bytes: Uint8Array): Promise<Position> {
    const { keystrokes } = this.#session;
    if (attach && keystrokes.capture(bytes)) return this.#captured(client, number);
    try {
      this.#session.lease.check(lease);
    } catch (refusal) {
      this.#ledger.failed(client, number, refusal as FleettyError);
      throw refusal;
    }
    if (attach) keystrokes.passed(bytes);
    this.#ledger.typed(client, number, this.#session.position());
    const typed = this.#session.input(bytes).catch((thrown) => {
      this.#ledger.failed(client, number, cutShort());
      throw thrown;
    });
    this.#last = typed.catch(() => {});
    return typed;
  }

  /** It is done with, and once those before it are, that is said. */
  #captured(client: string, number: number): Promise<Position> {
    const position = this.#session.position();
    this.#ledger.typed(client, number, position);
    return this.#last.then(() => position);
  }
}

function cutShort(): FleettyError {
  return new FleettyError("input_send_failed", "the first attempt at this input was cut short; look, then type anew");
}
