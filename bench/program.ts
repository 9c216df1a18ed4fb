// Runs a part of the bench in a process of its own, so that it has a core to itself where there is one: peers, which stay
// until they are disposed of, and loads, which end with their answer. Knows nothing of what they do.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { within } from "./measure.ts";

/** The longest answer is that of a flood: 200 MB at no less than 2 MB/s. */
const ANSWER_WITHIN_MS = 100_000;

export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the program, a file of this folder, says its first word. Rejects when it ends before. */
  static async start(file: string, ...args: readonly string[]): Promise<Program> {
    const child = fork(join(import.meta.dirname, file), args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const program = new Program(child);
    await program.#word();
    return program;
  }

  /** Starts the program, hands it `order`, ends it when it answers. */
  static async run<Answer>(file: string, order: object): Promise<Answer> {
    await using program = await Program.start(file);
    return await program.ask<Answer>(order);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask<Answer>(order: object): Promise<Answer> {
    const answer = this.#word();
    this.#child.send(order);
    return (await answer) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #word(): Promise<unknown> {
    const word = new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`${this.#child.spawnargs.slice(1).join(" ")} ended without a word`));
      this.#child.once("exit", ended);
      this.#child.once("message", (word) => {
        this.#child.off("exit", ended);
        resolve(word);
      });
    });
    return within(ANSWER_WITHIN_MS, "a program of the bench answers", word);
  }
}
