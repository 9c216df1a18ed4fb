// A wall clock of a test's own, which can be set while the processes that have it run; what lasts (the monotonic clock) is not
// touched. Interposes libfaketime, which Debian has, between a process and the C library.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, makeHome } from "./folders.ts";
import { waitUntil } from "./wait-until.ts";

const LIBRARY = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0];

/** What to say to `node:test` where no clock can be set. */
export const skip: string | false = LIBRARY === undefined && "libfaketime is not installed";

export class WallClock implements Disposable {
  readonly #folder = mkdtempSync("/tmp/ft-clock-");
  /** Has what the library shares between processes, which would else be left behind by each that becomes another program. */
  readonly #keeper: ChildProcess;
  #aheadMs = 0;

  private constructor() {
    this.set(0);
    this.#keeper = spawn("sleep", ["infinity"], { env: this.#env, stdio: "ignore" });
  }

  static async start(): Promise<WallClock> {
    const clock = new WallClock();
    await waitUntil("the clock is shared", () => clock.#shared.every(({ file }) => existsSync(file)));
    return clock;
  }

  /** What is said in its time now, in ms since 1970. */
  get nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  /** From now on it is so far ahead of the machine's. */
  set(aheadMs: number): void {
    this.#aheadMs = aheadMs;
    const next = `${this.#file}.next`;
    writeFileSync(next, `${aheadMs < 0 ? "-" : "+"}${Math.abs(aheadMs) / 1_000}\n`);
    renameSync(next, this.#file);
  }

  /** A home in which everything has this clock. */
  home(): Home {
    const home = makeHome();
    const shared = this.#shared.map(({ name }) => name).join(" ");
    return { ...home, env: { ...home.env, ...this.#env, FAKETIME_SHARED: shared } };
  }

  [Symbol.dispose](): void {
    this.#keeper.kill("SIGKILL");
    for (const { file } of this.#shared) rmSync(file, { force: true });
    rmSync(this.#folder, { recursive: true });
  }

  get #env() {
    return {
      PATH: process.env["PATH"] ?? "",
      LD_PRELOAD: LIBRARY ?? "",
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      // The times of files are the machine's.
      NO_FAKE_STAT: "1",
    };
  }

  get #file(): string {
    return join(this.#folder, "ahead");
  }

  /** As the library names it, by who made it (its README, "Cleaning up shared memory"). */
  get #shared() {
    const { pid } = this.#keeper;
    return [
      { name: `/faketime_sem_${pid}`, file: `/dev/shm/sem.faketime_sem_${pid}` },
      { name: `/faketime_shm_${pid}`, file: `/dev/shm/faketime_shm_${pid}` },
    ];
  }
}
