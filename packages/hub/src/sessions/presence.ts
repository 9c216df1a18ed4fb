// Has the hosts of sessions know that somebody watches who reads no output stream: one quiet stream for each such session, on
// which no output comes. Opened again after a lost link.
import { setTimeout as sleep } from "node:timers/promises";
import { FleettyError } from "@fleetty/protocol/errors";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "./hub-call.ts";

const AGAIN_AFTER_MS = 1_000;

export class Presences {
  readonly #open = new Map<string, { count: number; readonly stop: AbortController }>();

  /** Somebody watches that session from now on. Returns how to end that. */
  enter(session: string, port: WorkerPort): () => void {
    const present = this.#open.get(session) ?? { count: 0, stop: new AbortController() };
    present.count += 1;
    this.#open.set(session, present);
    if (present.count === 1) void stay(session, port, present.stop.signal);
    let isHere = true;
    return () => {
      if (isHere) present.count -= 1;
      isHere = false;
      if (present.count > 0 || this.#open.get(session) !== present) return;
      this.#open.delete(session);
      present.stop.abort();
    };
  }
}

/** Until it is stopped, or the session is there no more. */
async function stay(session: string, port: WorkerPort, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await streamOnce(session, port, signal);
    } catch (thrown) {
      if (!(thrown instanceof FleettyError) || !thrown.retryable) return;
    }
    await sleep(AGAIN_AFTER_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Resolves when the stream is closed. */
async function streamOnce(session: string, port: WorkerPort, signal: AbortSignal): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const stream = await port.stream(
    { session, from: "now", pace: false, quiet: true },
    { exit: () => closed.resolve(), closed: () => closed.resolve() },
    hubCall(),
  );
  const stop = () => closed.resolve();
  signal.addEventListener("abort", stop, { once: true });
  if (!signal.aborted) await closed.promise;
  signal.removeEventListener("abort", stop);
  stream.close();
}
