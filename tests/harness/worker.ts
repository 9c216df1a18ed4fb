// Runs the real binary as a worker that dials a hub, with the verbs start, stop, kill, freeze and thaw; and proves at the end
// that nothing is left of it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, makeHome } from "./folders.ts";
import { isAlive, type Known, kill, know, naming } from "./processes.ts";
import { LAUNCHER } from "./server.ts";
import { waitUntil } from "./wait-until.ts";

export interface WorkerStart {
  readonly args?: readonly string[];
  /** Its standard input; with `join` the code. */
  readonly stdin?: string;
}

export class TestWorkerProcess implements AsyncDisposable {
  readonly home: Home;
  readonly hostname: string;
  #child: ChildProcess | null = null;
  #process: Known | null = null;
  #log = "";

  constructor(hostname: string, home: Home = makeHome()) {
    this.hostname = hostname;
    this.home = home;
  }

  get stateDir(): string {
    return this.home.stateDir("worker");
  }

  /** What it has written to its log and to standard output, over all its runs. */
  get log(): string {
    return this.#log;
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

  start({ args = [], stdin = "" }: WorkerStart = {}): void {
    const child = spawn(LAUNCHER, ["worker", "--hostname", this.hostname, ...args], {
      env: { ...this.home.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (piece: Buffer) => {
        this.#log += piece.toString();
      });
    }
    // A pipe that stays open, as that of a remote shell does.
    child.stdin?.write(stdin);
    child.stdin?.on("error", () => {});
    this.#process = know(child.pid as number);
  }

  get isRunning(): boolean {
    return this.#process !== null && isAlive(this.#process);
  }

  /** Its command line and environment, as every list of processes shows them. */
  get commandLine(): string {
    const pid = this.#process?.pid;
    return `${readFileSync(`/proc/${pid}/cmdline`, "latin1")}\n${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
  }

  async stop(): Promise<number | null> {
    this.#signal("SIGTERM");
    return this.ended();
  }

  /** Resolves with its exit code once it has gone; null when a signal ended it. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    const hasEnded = () => child === null || child.exitCode !== null || child.signalCode !== null;
    await waitUntil("the worker has ended", hasEnded, { seen: () => this.#log.slice(-2_000) });
    return child?.exitCode ?? null;
  }

  /** As a crash: nothing is said to anybody. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.ended();
  }

  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** Processes of its session hosts. */
  hosts(): Known[] {
    return naming(`--state ${this.stateDir}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    try {
      if (this.#process && isAlive(this.#process)) assert.equal(await this.stop(), 0, this.#log.slice(-2_000));
    } finally {
      this.#signal("SIGKILL");
      const hosts = this.hosts();
      for (const host of hosts) kill(host, "SIGKILL");
      await waitUntil("the session hosts have gone", () => !hosts.some(isAlive), { seen: () => hosts });
      this.home.remove();
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#process) kill(this.#process, signal);
  }
}
