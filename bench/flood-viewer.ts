// Watches one flood from a process of its own: lets the program begin, takes all that comes, and tells how long it took and what
// did not come.
import { ready } from "./parent.ts";
import { Program } from "./program.ts";
import { StreamViewer } from "./stream-viewer.ts";

export interface WatchOrder {
  readonly socketPath: string;
  readonly session: string;
  readonly pace: boolean;
}

export interface WatchResult {
  /** From Enter to the exit, the session's last frame. */
  readonly tookMs: number;
  readonly receivedBytes: number;
  /** Bytes in gaps that the stream told of. */
  readonly declaredBytes: number;
  /** Bytes that are missing, or came twice, without a word. */
  readonly undeclaredBytes: number;
}

export function watchFlood(order: WatchOrder): Promise<WatchResult> {
  return Program.run<WatchResult>("flood-viewer.ts", order);
}

async function watch({ socketPath, session, pace }: WatchOrder): Promise<WatchResult> {
  using viewer = await StreamViewer.open(socketPath, session, pace);
  const startedAtMs = performance.now();
  viewer.type("\r");
  await viewer.exited;
  const { receivedBytes, declaredBytes, undeclaredBytes } = viewer;
  return { tookMs: performance.now() - startedAtMs, receivedBytes, declaredBytes, undeclaredBytes };
}

if (import.meta.main) ready(watch);
