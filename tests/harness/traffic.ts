// What goes on on one server while its cable is cut: a session that prints without end, and one that takes what is typed, both
// through the hub and by viewers that come back. Knows whether all of it came, and each of it once.
import assert from "node:assert/strict";
import { type DisposableTempDir, mkdtempDisposableSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NUMBERS_FROM, numberedLines } from "./numbered-lines.ts";
import { fixture } from "./programs.ts";
import { ResumingViewer } from "./resuming-viewer.ts";
import type { TestServer } from "./server.ts";
import { TestSession } from "./session.ts";
import { waitUntil } from "./wait-until.ts";

/** At a time: so little that its session still holds what it printed in a long outage. */
const PRINT_BYTES = 512;
/** Enough to have come through the hub in several pieces. */
const SOME_BYTES = 4_096;

export class Traffic implements AsyncDisposable {
  readonly server: string;
  readonly #folder: DisposableTempDir;
  readonly #sessions: readonly TestSession[];
  readonly #output: ResumingViewer;
  readonly #input: ResumingViewer;
  readonly #words: string[] = [];
  #pids: readonly number[] = [];

  private constructor(hub: TestServer, server: string, parts: { folder: DisposableTempDir; sessions: TestSession[] }) {
    this.server = server;
    this.#folder = parts.folder;
    this.#sessions = parts.sessions;
    this.#output = new ResumingViewer(hub.socketPath, printsOn(server), "reader");
    this.#input = new ResumingViewer(hub.socketPath, typesOn(server), "typist");
  }

  /** Resolves when both are under way. */
  static async start(hub: TestServer, server: string): Promise<Traffic> {
    const folder = mkdtempDisposableSync("/tmp/ft-typed-");
    const begin = (name: string, argv: readonly string[]) => TestSession.start(hub.socketPath, name, { argv, server });
    const sessions = await Promise.all([
      begin(printsOn(server), [fixture("print-steadily"), `${PRINT_BYTES}`]),
      begin(typesOn(server), [fixture("record-input"), join(folder.path, TYPED)]),
    ]);
    // Both say "ready" first, and then nobody changes what is typed or printed.
    for (const session of sessions) await session.printed("ready".length);
    const traffic = new Traffic(hub, server, { folder, sessions });
    traffic.#pids = await traffic.#runningPids();
    await traffic.goesOn();
    return traffic;
  }

  /** Types so many words, each another one. */
  type(count: number): void {
    for (let at = 0; at < count; at += 1) {
      const word = `word-${this.#words.length}.`;
      this.#words.push(word);
      this.#input.type(word);
    }
  }

  /** Resolves when output comes that was not there before, and all that was typed has been taken. */
  async goesOn(): Promise<void> {
    const seen = this.#output.end;
    await waitUntil(`output of ${this.server} goes on`, () => this.#output.end > seen + SOME_BYTES, {
      seen: () => [seen, this.#output.end],
    });
    // What the terminal has is acknowledged before the program has read it.
    const isTyped = () => this.#input.pendingCount === 0 && this.#typed.length >= this.#words.join("").length;
    await waitUntil(`${this.server} has taken what was typed`, isTyped, {
      seen: () => [this.#input.pendingCount, this.#typed.slice(-100)],
    });
  }

  /** Each byte came once, each word was typed once, and the programs are those of the beginning. */
  async assertWhole(): Promise<void> {
    const { bytes, gaps } = this.#output;
    assert.deepEqual(gaps, []);
    const isWhole = bytes.subarray(NUMBERS_FROM).equals(numberedLines(NUMBERS_FROM, bytes.byteLength));
    assert.ok(isWhole, `a hole or a repetition in the output of ${this.server}`);
    assert.equal(this.#typed, this.#words.join(""), `typed on ${this.server}`);
    assert.deepEqual(await this.#runningPids(), this.#pids);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#output.close(), this.#input.close()]);
    this.#folder.remove();
  }

  get #typed(): string {
    return readFileSync(join(this.#folder.path, TYPED), "utf8");
  }

  async #runningPids(): Promise<number[]> {
    const infos = await Promise.all(this.#sessions.map((session) => session.info()));
    assert.deepEqual(
      infos.map(({ state }) => state),
      ["running", "running"],
    );
    return infos.map(({ pid }) => pid);
  }
}

/** In its folder. */
const TYPED = "typed";

/** Its session that prints, by name. */
export function printsOn(server: string): string {
  return `prints-on-${server}`;
}

function typesOn(server: string): string {
  return `types-on-${server}`;
}
