// A process of the real binary that a test ends, freezes and thaws, and what it has logged over all its runs. How it is
// started, what it is asked, and what has to be gone after it is for whoever extends this.
import type { ChildProcess } from "node:child_process";
import { isAlive, type Known, kill, know, naming } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

/** Where a program is to run, when not where the test does. */
export interface Place {
  /** Runs the command behind it there, in its own place: its pid is that command's. */
  readonly enter: readonly string[];
}

/** What is to be run so that `argv` runs at that place. */
export function commandAt(place: Place | undefined, argv: readonly string[]): { program: string; args: string[] } {
  const [program = "", ...args] = [...(place?.enter ?? []), ...argv];
  return { program, args };
}

export abstract class TestProcess {
  readonly #called: "the server" | "the worker";
  #child: ChildProcess | null = null;
  #process: Known | null = null;
  #log = "";

  /** `called`: in the diagnosis of a test that waits for it. */
  constructor(called: "the server" | "the worker") {
    this.#called = called;
  }

  abstract get stateDir(): string;

  /** What it has written to those of its outputs that are piped, over all its runs. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process !== null && isAlive(this.#process);
  }

  /** Graceful, as a service manager would, or a person at its terminal (SIGINT). Resolves with its exit code. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number | null> {
    this.signal(signal);
    return this.ended();
  }

  /** Resolves with its exit code once it has gone, whoever told it to; null when a signal ended it. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    const hasEnded = () => child === null || child.exitCode !== null || child.signalCode !== null;
    await waitUntil(`${this.#called} has ended`, hasEnded, { seen: () => this.#log.slice(-2_000) });
    return child?.exitCode ?? null;
  }

  /** As a crash: nothing is said to anybody. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
  }

  freeze(): void {
    this.signal("SIGSTOP");
  }

  thaw(): void {
    this.signal("SIGCONT");
  }

  /** Processes of its session hosts. */
  hosts(): Known[] {
    return naming(`--state ${this.stateDir}`);
  }

  /** From here on it is this one that ends, and whose output is the log. */
  protected began(child: ChildProcess): void {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (piece: Buffer) => {
        this.#log += piece.toString();
      });
  }

  /** From here on it is this one to which signals go. */
  protected becomesKnown(child: ChildProcess): void {
    this.#process = know(child.pid as number);
  }

  /** Ends the one that began last, known or not. */
  protected drop(): void {
    this.#child?.kill("SIGKILL");
  }

  /** To nobody where none is known or it has gone. */
  protected signal(signal: NodeJS.Signals): void {
    if (this.#process) kill(this.#process, signal);
  }
}
