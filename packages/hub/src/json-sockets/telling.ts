// What those have in common that tell of one session to one subscriber: whom they ask, whom they tell, and how they go on
// after a refusal that may pass. Knows no event.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Observed } from "../calls.ts";
import { pause } from "../waits/asking.ts";
import type { SessionEvent, SessionEvents } from "./session-events.ts";
import type { Wish } from "./wish.ts";

export interface Telling {
  readonly observed: Observed;
  readonly wish: Wish;
  readonly events: SessionEvents;
  /** Aborts when nobody hears any more. */
  readonly signal: AbortSignal;
  readonly tell: (event: SessionEvent) => void;
  /** So many were let go of what was asked for. */
  readonly lagged: (skipped: number, kind: "lagged" | "input_lagged") => void;
  /** Resolves when there is room for an event, or nobody hears any more. */
  readonly room: () => Promise<void>;
  /** Bytes that the socket holds unsent. */
  readonly bufferedBytes: () => number;
  /** It can be told no further: what another server answered is nothing that such a server answers, or we have a defect. */
  readonly broke: (thrown: unknown) => void;
}

/** Before a question that came to nothing is asked again. */
const AGAIN_AFTER_MS = 1_000;

/** Asks until there is an answer. Null: there will be none, because nobody hears any more or the session is gone. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  while (!signal.aborted) {
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof FleettyError) || !thrown.retryable) return null;
    }
    await rest(signal);
  }
  return null;
}

/** Resolves when the same may be asked again, or nobody hears any more. */
export async function rest(signal: AbortSignal): Promise<void> {
  await pause(AGAIN_AFTER_MS, signal).catch(() => {});
}
