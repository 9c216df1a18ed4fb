// Has programs started in a thread of their own, and gives up a thread that is stuck, so that a dead file system costs the
// session on it and no other. Knows nothing of what becomes of a program.
//
//   ordered ──report──► started, or refused
//      └──at work for too long──► late; what waited behind it goes to another thread, and what is started yet is unwanted
import { Worker } from "node:worker_threads";
import { errorFromWire, FleettyError } from "@fleetty/protocol/errors";
import type { ProgramSpec, StartedProgram } from "./program-start.ts";
import { type StartOrder, type StartReport, ThreadState } from "./start-order.ts";

/** A program is found and executed in about 0.5 ms, from a cold disk in some 100 ms; beyond this a path is dead. */
const AT_WORK_LIMIT_MS = 5_000;
/** A thread is looked at so often in that time. */
const LOOKS = 5;

export interface StarterOptions {
  /** What the threads run. */
  readonly thread: URL;
  readonly limitMs?: number;
  /** Called with a program that was executed after it had been refused as late. */
  readonly onUnwanted: (program: StartedProgram) => void;
}

interface Pending {
  readonly spec: ProgramSpec;
  readonly answer: PromiseWithResolvers<StartedProgram | null>;
}

export class ProgramStarter {
  readonly #options: StarterOptions;
  #thread: StartThread | null = null;

  constructor(options: StarterOptions) {
    this.#options = options;
  }

  /** Starts the thread, so that the first order need not wait for it. */
  warm(): void {
    this.#thread ??= new StartThread(this.#options, (thread, left) => this.#leave(thread, left));
  }

  /**
   * Resolves when the program has been executed; with null when nothing is against it, but another way must be taken.
   * Rejects with the refusals of `findStartable` and `startProgram`, and `session_create_failed {step: "exec", reason: "late"}`.
   */
  start(spec: ProgramSpec): Promise<StartedProgram | null> {
    const pending = { spec, answer: Promise.withResolvers<StartedProgram | null>() };
    this.#order(pending);
    return pending.answer.promise;
  }

  #order(pending: Pending): void {
    this.warm();
    this.#thread?.order(pending);
  }

  #leave(thread: StartThread, left: readonly Pending[]): void {
    if (this.#thread === thread) this.#thread = null;
    for (const pending of left) this.#order(pending);
  }
}

/** The thread takes no more orders, and `pending` are those that it will not carry out. */
type OnLeft = (thread: StartThread, pending: readonly Pending[]) => void;

/** One thread and what has been ordered of it. */
class StartThread {
  readonly #options: StarterOptions;
  readonly #limitMs: number;
  readonly #onLeft: OnLeft;
  readonly #worker: Worker;
  readonly #state = new ThreadState();
  readonly #pending = new Map<number, Pending>();
  #nextNumber = 1;
  #looking: NodeJS.Timeout | null = null;
  /** How many looks have found the thread at the same order. */
  #seen = { number: 0, looks: 0 };

  constructor(options: StarterOptions, onLeft: OnLeft) {
    this.#options = options;
    this.#limitMs = options.limitMs ?? AT_WORK_LIMIT_MS;
    this.#onLeft = onLeft;
    // The descriptors that it opens are the session's, and outlive it.
    this.#worker = new Worker(options.thread, { workerData: this.#state.shared, trackUnmanagedFds: false });
    this.#worker.on("message", (report: StartReport) => this.#reported(report));
    this.#worker.on("error", (error: Error) => this.#broke(error));
    this.#worker.unref();
  }

  order(pending: Pending): void {
    const order: StartOrder = { number: this.#nextNumber++, spec: pending.spec };
    this.#pending.set(order.number, pending);
    this.#worker.ref();
    this.#looking ??= setInterval(() => this.#look(), this.#limitMs / LOOKS);
    this.#worker.postMessage(order);
  }

  #reported(report: StartReport): void {
    const pending = this.#pending.get(report.number);
    this.#pending.delete(report.number);
    if (this.#pending.size === 0) this.#rest();
    if (!pending) return this.#unwanted(report);
    if (report.is === "refused") pending.answer.reject(errorFromWire(report.refusal));
    else pending.answer.resolve(report.is === "started" ? report.program : null);
  }

  /** Nothing is under way: this thread keeps no process alive. */
  #rest(): void {
    if (this.#looking) clearInterval(this.#looking);
    this.#looking = null;
    this.#worker.unref();
  }

  #look(): void {
    const number = this.#state.atWork ?? 0;
    this.#seen = { number, looks: number !== 0 && number === this.#seen.number ? this.#seen.looks + 1 : 0 };
    if (this.#seen.looks < LOOKS || !this.#state.giveUp(number)) return;
    const late = this.#pending.get(number);
    this.#pending.delete(number);
    late?.answer.reject(lateRefusal(late.spec));
    this.#leave();
  }

  #unwanted(report: StartReport): void {
    if (report.is === "started") this.#options.onUnwanted(report.program);
    void this.#worker.terminate();
  }

  /** A defect in the thread: whoever waits is told, and the next order gets another. */
  #broke(cause: Error): void {
    const message = "the thread that starts programs has failed; try again";
    const refusal = new FleettyError("session_create_failed", message, { step: "exec", reason: "thread" }, { cause });
    for (const { answer } of this.#pending.values()) answer.reject(refusal);
    this.#pending.clear();
    this.#leave();
  }

  #leave(): void {
    const left = [...this.#pending.values()];
    this.#pending.clear();
    this.#rest();
    this.#onLeft(this, left);
  }
}

function lateRefusal({ argv }: ProgramSpec): FleettyError {
  const program = JSON.stringify(argv[0]);
  const message = `program ${program} was not executed in time; look at the disk that it and its directory are on`;
  return new FleettyError("session_create_failed", message, { step: "exec", reason: "late" });
}
