// Somebody who types through a server without a pause: numbered lines, each only once the program has answered the one before.
// Comes back by itself when its connection is lost, and knows exactly what the session must have printed.
import assert from "node:assert/strict";
import { fixture } from "./programs.ts";
import { ResumingViewer } from "./resuming-viewer.ts";
import { TestSession } from "./session.ts";
import { waitUntil } from "./wait-until.ts";

const READY = "ready\r\n";
const answerTo = (line: number) => `got line-${line}\r\n`;

export class Typist implements AsyncDisposable {
  /** Lines that have been answered. */
  answered = 0;
  /** The most that the meter counted from a line to its answer. */
  mostMetered = 0;
  readonly #viewer: ResumingViewer;
  readonly #meter: () => number;
  readonly #done: Promise<void>;
  #printed = READY.length;
  #isStopped = false;
  #isGivenUp = false;

  private constructor(viewer: ResumingViewer, meter: () => number) {
    this.#viewer = viewer;
    this.#meter = meter;
    this.#done = this.#type();
  }

  /** Connections that it needed. */
  get connections(): number {
    return this.#viewer.connections;
  }

  /** In a new session of that name. `meter` tells what has gone by beside, in whatever unit. */
  static async start(socketPath: string, name: string, server: string, meter = () => 0): Promise<Typist> {
    await TestSession.start(socketPath, name, { argv: [fixture("answer-lines")], server, ready: "ready" });
    return new Typist(new ResumingViewer(socketPath, name, "typist"), meter);
  }

  /** Resolves when so many more have been answered. */
  async goesOn(count = 5): Promise<void> {
    const before = this.answered;
    await waitUntil(`${count} more lines are answered`, () => this.answered >= before + count, {
      seen: () => ({ answered: this.answered, before, end: this.#viewer.end }),
    });
  }

  /** Resolves when everything that was typed has been answered, once and in order, and nothing else was printed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    await this.#viewer.close();
    const expected = Array.from({ length: this.answered }, (_, at) => answerTo(at + 1)).join("");
    assert.equal(this.#viewer.bytes.toString(), `${READY}${expected}`);
    assert.deepEqual(this.#viewer.gaps, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#isGivenUp = true;
    await this.#done.catch(() => {});
    await this.#viewer.close();
  }

  async #type(): Promise<void> {
    while (!this.#isStopped) {
      const line = this.answered + 1;
      const before = this.#meter();
      this.#viewer.type(`line-${line}\n`);
      this.#printed += answerTo(line).length;
      const isOver = () => this.#isGivenUp || this.#viewer.end >= this.#printed;
      await waitUntil(`line ${line} is answered`, isOver, { seen: () => this.#viewer.end });
      this.mostMetered = Math.max(this.mostMetered, this.#meter() - before);
      this.answered = line;
    }
  }
}
