// Counts what a server does, and tells it in the form of Prometheus. Labels are operations, codes and states: never what a
// caller has named, so that their number is bounded and a scrape tells nothing of sessions.
import { readdirSync } from "node:fs";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import type { Answered } from "../faces/answered.ts";
import { Counter, Gauge, Histogram, Registry } from "./prometheus.ts";

export interface MetricsSources {
  /** States of all sessions, those that ended and are kept included. */
  readonly sessions: () => Promise<readonly { readonly state: string }[]>;
  readonly viewers: () => number;
  readonly eventStreams: () => number;
  /** Audit entries that are not on disk yet. */
  readonly unwritten: () => number;
}

/** From an answer out of memory (1 ms) to a wait (a minute and more). */
const REQUEST_BUCKETS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];
/** From a keystroke that is taken at once to the 5 s after which a terminal is given up. */
const INPUT_BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5];

/** Operations that type. */
const TYPING: ReadonlySet<string> = new Set(
  (Object.values(operations) as AnyOperation[]).filter(({ verb }) => verb === "input").map(({ name }) => name),
);

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter("requests_total", "Requests that were answered", ["operation", "code"]);
  readonly #requestSeconds = this.#histogram("request_seconds", "From request to answer", REQUEST_BUCKETS_S, [
    "operation",
  ]);
  readonly #inputSeconds = this.#histogram(
    "input_seconds",
    "Until the terminal had what was typed",
    INPUT_BUCKETS_S,
    [],
  );
  readonly #outputBytes = this.#counter("output_bytes_total", "Bytes of output sent to viewers", []);
  readonly #gaps = this.#counter("gaps_total", "Gaps declared to viewers that fell behind", ["stream"]);

  constructor({ sessions, viewers, eventStreams, unwritten }: MetricsSources) {
    this.#gauge("sessions", "Sessions by state", ["state"], async (gauge) => {
      const states = (await sessions()).map(({ state }) => state);
      gauge.reset();
      for (const state of new Set(["running", "exited", ...states])) {
        gauge.set({ state }, states.filter((one) => one === state).length);
      }
    });
    this.#gauge("clients", "Who watches now", ["kind"], (gauge) => {
      gauge.set({ kind: "stream" }, viewers());
      gauge.set({ kind: "events" }, eventStreams());
    });
    this.#gauge("audit_unwritten", "Audit entries that are not on disk yet", [], (gauge) => gauge.set(unwritten()));
    processMetrics(this.#registry);
  }

  answered({ operation, code, ms }: Pick<Answered, "operation" | "code" | "ms">): void {
    const name = operation ?? "none";
    this.#requests.inc({ operation: name, code });
    this.#requestSeconds.observe({ operation: name }, ms / 1_000);
    if (TYPING.has(name) && code === "ok") this.#inputSeconds.observe(ms / 1_000);
  }

  sent(bytes: number): void {
    this.#outputBytes.inc(bytes);
  }

  gap(): void {
    this.#gaps.inc({ stream: "output" });
  }

  /** All of it, in the text format 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `fleetty_${name}`, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[],
  ): Histogram<Label> {
    const labels = { labelNames: [...labelNames], registers: [this.#registry] };
    return new Histogram({ name: `fleetty_${name}`, help, buckets, ...labels });
  }

  #gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: (gauge: Gauge<Label>) => void | Promise<void>,
  ): void {
    const registers = [this.#registry];
    const gauge: Gauge<Label> = new Gauge({
      name: `fleetty_${name}`,
      help,
      labelNames: [...labelNames],
      registers,
      collect: () => read(gauge),
    });
  }
}

/**
 * Those of the process, under the names that Prometheus gives them. Not the library's own set: it wakes an idle server a
 * hundred times a second to measure its event loop.
 */
function processMetrics(registry: Registry): void {
  const gauges: readonly (readonly [string, string, () => number])[] = [
    ["process_cpu_seconds_total", "Processor time", () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6],
    ["process_resident_memory_bytes", "Resident memory", () => process.memoryUsage.rss()],
    ["process_start_time_seconds", "Start since the epoch", () => Date.now() / 1_000 - process.uptime()],
    ["process_open_fds", "Open file descriptors", openDescriptors],
    ["nodejs_heap_size_used_bytes", "Heap in use", () => process.memoryUsage().heapUsed],
  ];
  for (const [name, help, read] of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
  }
}

/** Not a number where the platform does not say. */
function openDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return Number.NaN;
  }
}
