// Reads what a subscription asks for: which events, how often at most, and what counts as quiet. Pure.
import type { NoticeKind } from "@fleetty/protocol/schemas/notices";
import type { Members } from "../faces/body.ts";
import { unusable } from "./request-frame.ts";

/** What can be subscribed to. `chars` is of the older API, and yields nothing. */
const NAMES = [
  "lines",
  "chars",
  "cursor",
  "mode",
  "diffs",
  "input",
  "overlay",
  "activity",
  "output",
  "attention",
  "commands",
] as const;

export type EventName = (typeof NAMES)[number];

export interface Wish {
  readonly events: ReadonlySet<EventName>;
  /** At most one message for each row and kind in this time. */
  readonly intervalMs: number;
  readonly format: "styled" | "plain";
  /** After so long without activity a session is idle; 0: nobody asks. */
  readonly idleMs: number;
}

/** Public contract, subscribe. */
const INTERVAL_DEFAULT_MS = 100;
const INTERVAL_MAX_MS = 10_000;
const IDLE_MAX_MS = 300_000;

/** Throws `invalid_request`. */
export function readWish(params: Members): Wish {
  const { events, interval_ms: interval, format, idle_timeout_ms: idle, quiesce_ms: older } = params;
  const intervalMs = milliseconds("interval_ms", interval) ?? INTERVAL_DEFAULT_MS;
  if (intervalMs > INTERVAL_MAX_MS) throw unusable("interval_ms", `is ${INTERVAL_MAX_MS} at most`);
  if (![undefined, null, "styled", "plain"].includes(format as string)) throw unusable("format", "is styled or plain");
  const idleMs = milliseconds("idle_timeout_ms", idle) ?? milliseconds("quiesce_ms", older) ?? 0;
  return {
    events: new Set(namesOf(events)),
    intervalMs,
    format: format === "plain" ? "plain" : "styled",
    idleMs: Math.min(idleMs, IDLE_MAX_MS),
  };
}

/** What has to be asked for to tell them. */
export function noticeKinds({ events }: Wish): readonly NoticeKind[] {
  const kinds: readonly (readonly [EventName, readonly NoticeKind[]])[] = [
    ["input", ["input", "mode"]],
    ["overlay", ["overlay"]],
    ["attention", ["attention"]],
    ["commands", ["command"]],
  ];
  return kinds.flatMap(([name, needed]) => (events.has(name) ? needed : []));
}

/** Whether the end of the session is told by an event: not to older clients. */
export function hearsExit({ events }: Wish): boolean {
  return events.has("output") || events.has("attention") || events.has("commands");
}

function namesOf(events: unknown): EventName[] {
  if (!Array.isArray(events)) throw unusable("events", `is to be a list of ${NAMES.join(", ")}`);
  const unknown = events.find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw unusable("events", `knows no ${JSON.stringify(unknown)?.slice(0, 80)}, but ${NAMES.join(", ")}`);
  return events;
}

function milliseconds(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw unusable(field, "is to be whole milliseconds");
}
