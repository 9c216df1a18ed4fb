// Tells that a session has printed something or changed its size, for one subscriber: it watches as a viewer does, looks at no
// byte, and takes a watch that was lost up again. Knows no resource.
import { type FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { CallContext, HubCalls, Viewer, ViewerSink } from "../calls.ts";

/** Between two tries to watch a session whose server cannot be reached. */
const TRY_AGAIN_MS = 2_000;

export interface ScreenNewsParts {
  readonly calls: HubCalls;
  readonly session: string;
  readonly context: CallContext;
  readonly tell: () => void;
}

export class ScreenNews {
  readonly #parts: ScreenNewsParts;
  #viewer: Viewer | null = null;
  #retry: NodeJS.Timeout | undefined;
  #hasExited = false;
  #isClosed = false;

  constructor(parts: ScreenNewsParts) {
    this.#parts = parts;
  }

  /** Resolves when it is being watched; nothing changes any more in a session that has ended. Throws FleettyError. */
  async open(): Promise<void> {
    const { calls, session, context } = this.#parts;
    try {
      const viewer = await calls.watch({ session, readonly: true, credits: true }, this.#sink(), context);
      if (this.#isClosed) viewer.close();
      else this.#viewer = viewer;
    } catch (thrown) {
      const error = toFleettyError(thrown);
      if (error.code !== "session_exited") throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#viewer?.close();
    this.#viewer = null;
  }

  #sink(): ViewerSink {
    const { tell } = this.#parts;
    return {
      output: (offset, bytes) => {
        this.#viewer?.credit(offset + bytes.byteLength);
        tell();
      },
      snapshot: tell,
      gap: tell,
      elements: () => {},
      size: () => this.#viewer && tell(),
      exit: () => {
        this.#hasExited = true;
        tell();
      },
      written: () => {},
      error: () => {},
      detached: () => this.#lost(),
      ended: () => this.#lost(),
      bufferedBytes: () => 0,
    };
  }

  #lost(): void {
    this.#viewer = null;
    if (this.#hasExited || this.#isClosed) return;
    this.#retry = setTimeout(() => {
      this.open().then(this.#parts.tell, (error: FleettyError) => error.retryable && this.#lost());
    }, TRY_AGAIN_MS);
  }
}
