// Has long answers written a slice a turn, so that whoever shares the host waits for no more than a slice of them. Decides
// how many are being written at once, which bounds what they hold. Knows no session, only what is read.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Gone } from "@fleetty/protocol/gone";
import type { PreparedJson } from "@fleetty/protocol/link";
import type { Turns } from "./turns.ts";

/** An answer in the making. */
export interface Reading {
  /** Writes about `maxBytes` of it; whether more are to come. */
  read(maxBytes: number): boolean;
  readonly answer: PreparedJson;
  /** Nobody wants the rest. */
  stop(): void;
}

/** Each may hold an answer of 8 MiB; with more of them nobody would have his earlier. */
const TOGETHER_MAX = 8;
/** Written at once: a page of some hundred lines waits for nobody's turn. */
const FIRST_BYTES = 16 * 1024;

export class Readings {
  readonly #turns: Turns;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** `begin` is called when it is its turn: the answer is true at that moment. Rejects when the caller has gone. */
  async write(begin: () => Reading, caller: Gone): Promise<PreparedJson> {
    if (this.#running >= TOGETHER_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await this.#written(begin(), caller);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #written(reading: Reading, caller: Gone): Promise<PreparedJson> {
    return new Promise((resolve, reject) => {
      const turn = (maxBytes: number) => {
        try {
          if (caller.isGone) throw new FleettyError("cancelled", "the caller has gone");
          if (reading.read(maxBytes)) return true;
          resolve(reading.answer);
        } catch (thrown) {
          reading.stop();
          reject(thrown);
        }
        return false;
      };
      if (turn(FIRST_BYTES)) this.#turns.add({ turn });
    });
  }
}
