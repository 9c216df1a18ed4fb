// Reads how large a session is and what stands around its program's screen: overlays, panels, the focus, and whether keys are
// captured. One reading at a time; who asks meanwhile gets another one right behind it. Knows no terminal.
import type { Client, Size } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import { type Elements, NO_ELEMENTS } from "../picture/picture.ts";

export interface Surroundings {
  /** Of the whole session, panels included. */
  readonly size: Size;
  readonly elements: Elements;
}

export interface SurroundingsReadingParts {
  readonly client: Client;
  readonly on: { readonly session: string; readonly server: string | undefined };
  readonly onRead: (read: Surroundings) => void;
}

export class SurroundingsReading {
  readonly #parts: SurroundingsReadingParts;
  #isStale = false;
  #reading: Promise<void> | undefined;

  constructor(parts: SurroundingsReadingParts) {
    this.#parts = parts;
  }

  /** They may be others than they were. Resolves when they have been read, or could not be. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      // A server that is away is asked again when it is back: the watch tells of it.
      const read = await this.#read().catch(() => null);
      if (read) this.#parts.onRead(read);
    }
  }

  async #read(): Promise<Surroundings> {
    const { client, on } = this.#parts;
    const [{ rows, cols }, elements] = await Promise.all([client.sessions.get(on), this.#elements()]);
    return { size: { rows, cols }, elements };
  }

  async #elements(): Promise<Elements> {
    const { sessions } = this.#parts.client;
    const { on } = this.#parts;
    try {
      const [overlays, panels, { mode }, { focused }] = await Promise.all([
        sessions.overlays.list(on),
        sessions.panels.list(on),
        sessions.input_mode(on),
        sessions.focus_get(on),
      ]);
      return { overlays, panels, focused, isCapturing: mode === "capture" };
    } catch (thrown) {
      // An older server, or session host, knows none.
      if (thrown instanceof FleettyError && !thrown.retryable) return NO_ELEMENTS;
      throw thrown;
    }
  }
}
