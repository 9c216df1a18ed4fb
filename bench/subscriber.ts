// One JSON WebSocket with many subscriptions, in a process of its own: counts what it is told, and how long the oldest change that
// an event tells had waited for it, beyond the time that was asked for.
import { once } from "node:events";
import { WebSocket } from "ws";
import { percentile } from "./measure.ts";
import { ready } from "./parent.ts";
import { nowUs, stampOf, TICK_MS } from "./ticker.ts";

export interface SubscriberOrder {
  readonly socketPath: string;
  /** Ids. */
  readonly sessions: readonly string[];
  readonly intervalMs: number;
  readonly forMs: number;
}

export interface Subscribed {
  readonly perSecond: number;
  /** Above the interval, in ms. */
  readonly p50: number;
  readonly p99: number;
}

interface LineEvent {
  readonly event: string;
  readonly id: string;
  readonly line: readonly { readonly text: string }[];
}

async function subscribe({ socketPath, sessions, intervalMs, forMs }: SubscriberOrder): Promise<Subscribed> {
  const socket = new WebSocket(`ws+unix:${socketPath}:/ws/json`);
  await once(socket, "open");
  const shown = new Map<string, number>();
  const above: number[] = [];
  let events = 0;
  socket.on("message", (data) => {
    const { event, id, line } = JSON.parse(String(data)) as LineEvent;
    if (event !== "line") return;
    events += 1;
    const stamp = stampOf(line.map(({ text }) => text).join(""));
    const before = shown.get(id);
    if (stamp === null) return;
    shown.set(id, stamp);
    // The first that was printed after what was told before.
    if (before !== undefined) above.push((nowUs() - before) / 1_000 - TICK_MS - intervalMs);
  });
  for (const session of sessions) {
    socket.send(
      JSON.stringify({ method: "subscribe", session, params: { events: ["lines"], interval_ms: intervalMs } }),
    );
  }
  await new Promise((resolve) => setTimeout(resolve, forMs));
  socket.terminate();
  return { perSecond: events / (forMs / 1_000), p50: percentile(above, 0.5), p99: percentile(above, 0.99) };
}

if (import.meta.main) ready(subscribe);
