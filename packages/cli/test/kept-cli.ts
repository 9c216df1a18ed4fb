// Runs many command lines in one process that is kept: for tests of what each asks, where the start of a process for each would
// be most of the work. What a process of its own does (standard input, signals, its launcher) is for `runCli`.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { plainEnvironment, type Ran } from "./run-cli.ts";

export class KeptCli implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #stdout: Printed;
  readonly #stderr: Printed;
  #last: Promise<unknown> = Promise.resolve();

  /** `env`: all of the environment that they run in. */
  constructor(env: Readonly<Record<string, string>> = plainEnvironment()) {
    this.#child = fork(join(import.meta.dirname, "command-lines.ts"), {
      env: { ...env },
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#stdout = new Printed(this.#child.stdout as Readable, /^([^\0]*)\0(\d+)\n/);
    this.#stderr = new Printed(this.#child.stderr as Readable, /^([^\0]*)\0/);
  }

  /** One after the other, in the order in which they are given. Rejects when the process ends meanwhile. */
  run(args: readonly string[]): Promise<Ran> {
    const ran = this.#last.then(() => this.#carryOut(args));
    this.#last = ran.catch(() => {});
    return ran;
  }

  async #carryOut(args: readonly string[]): Promise<Ran> {
    this.#child.send(args);
    const [[, stdout = "", code], [, stderr = ""]] = await Promise.all([this.#stdout.next(), this.#stderr.next()]);
    return { code: Number(code), stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#child.once("close", () => resolve());
    this.#child.kill();
    await promise;
  }
}

/** What one stream has printed and nobody has taken yet. */
class Printed {
  readonly #whole: RegExp;
  #text = "";
  #waiting: PromiseWithResolvers<RegExpMatchArray> | null = null;

  /** `whole`: all of one command, from its beginning. */
  constructor(stream: Readable, whole: RegExp) {
    this.#whole = whole;
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      this.#text += text;
      this.#hand();
    });
    stream.on("end", () => this.#waiting?.reject(new Error(`the command line ended after ${this.#text}`)));
  }

  next(): Promise<RegExpMatchArray> {
    const waiting = Promise.withResolvers<RegExpMatchArray>();
    this.#waiting = waiting;
    this.#hand();
    return waiting.promise;
  }

  #hand(): void {
    const match = this.#text.match(this.#whole);
    if (!match || !this.#waiting) return;
    this.#text = this.#text.slice(match[0].length);
    this.#waiting.resolve(match);
  }
}
