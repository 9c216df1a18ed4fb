// Reads how large a session is and what stands around its program's screen: overlays, panels, the focus, and whether keys are
// captured. One reading at a time; who asks meanwhile gets another one right behind it. Knows no terminal.
import { setTimeout as pause } from "node:timers/promises";
import type { Client, Size } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import { type Elements, NO_ELEMENTS } from "../picture/picture.ts";

export interface Surroundings {
  /** Of the whole session, panels included. */
  readonly size: Size;
  readonly elements: Elements;
}

/** What an older server, or session host, says. */
const KNOWS_NONE: ReadonlySet<string> = new Set(["not_found", "unsupported"]);
/** Thirty times a second: more is not seen. */
const BETWEEN_READINGS_MS = 33;
const AGAIN_AFTER_MS = 500;

export interface SurroundingsReadingParts {
  readonly client: Client;
  readonly on: { readonly session: string; readonly server: string | undefined };
  readonly onRead: (read: Surroundings) => void;
}

export class SurroundingsReading {
  readonly #parts: SurroundingsReadingParts;
  #isStale = false;
  #isClosed = false;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

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

  /** Reads nothing any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #readOn(): Promise<void> {
    for (let isFirst = true; this.#isStale && !this.#isClosed; isFirst = false) {
      if (!isFirst) await pause(BETWEEN_READINGS_MS);
      this.#isStale = false;
      const read = await this.#read().catch(() => null);
      if (read) this.#parts.onRead(read);
      else this.#laterAgain();
    }
  }

  /** Not at once, and nobody waits for it: the server may be away. */
  #laterAgain(): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.refresh(), AGAIN_AFTER_MS);
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
      if (thrown instanceof FleettyError && KNOWS_NONE.has(thrown.code)) return NO_ELEMENTS;
      throw thrown;
    }
  }
}
