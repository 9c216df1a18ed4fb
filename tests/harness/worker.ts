// Runs the real binary as a worker that dials a hub, with the verbs start, stop, kill, freeze and thaw; and proves at the end
// that nothing is left of it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, makeHome } from "./folders.ts";
import { isAlive, kill } from "./processes.ts";
import { LAUNCHER } from "./server.ts";
import { commandAt, type Place, TestProcess } from "./test-process.ts";
import { waitUntil } from "./wait-until.ts";

export interface WorkerStart {
  readonly args?: readonly string[];
  /** Its standard input; with `join` the code. */
  readonly stdin?: string;
}

export class TestWorkerProcess extends TestProcess implements AsyncDisposable {
  readonly home: Home;
  readonly hostname: string;
  readonly #place: Place | undefined;

  /** `place`: machine that it runs on; this one when it is not given. */
  constructor(hostname: string, home: Home = makeHome(), place?: Place) {
    super("the worker");
    this.hostname = hostname;
    this.home = home;
    this.#place = place;
  }

  get stateDir(): string {
    return this.home.stateDir("worker");
  }

  get id(): string {
    return readFileSync(join(this.stateDir, "id"), "utf8").trim();
  }

  /** Its private key in PEM, as a thief would have it. */
  get key(): string {
    return readFileSync(join(this.stateDir, "server.key"), "utf8");
  }

  /** All that it keeps, in text. */
  get kept(): string {
    return readdirSync(this.stateDir, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(join(this.stateDir, name), "latin1"))
      .join("\n");
  }

  start({ args: more = [], stdin = "" }: WorkerStart = {}): void {
    const argv = [LAUNCHER, "worker", "--hostname", this.hostname, ...more];
    const { program, args } = commandAt(this.#place, argv);
    const child = spawn(program, args, {
      env: { ...this.home.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.began(child);
    // A pipe that stays open, as that of a remote shell does.
    child.stdin?.write(stdin);
    child.stdin?.on("error", () => {});
    this.becomesKnown(child);
  }

  /** Its command line and environment, as every list of processes shows them. */
  get commandLine(): string {
    const { pid } = this;
    return `${readFileSync(`/proc/${pid}/cmdline`, "latin1")}\n${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    try {
      if (this.isRunning) assert.equal(await this.stop(), 0, this.log.slice(-2_000));
    } finally {
      this.signal("SIGKILL");
      const hosts = this.hosts();
      for (const host of hosts) kill(host, "SIGKILL");
      await waitUntil("the session hosts have gone", () => !hosts.some(isAlive), { seen: () => hosts });
      this.home.remove();
    }
  }
}
