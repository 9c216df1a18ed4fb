// Holds what the tests of this folder share: a worker over a state folder of its own, with the session hosts that it
// starts, which it may be closed on and opened again. Knows nothing of single tests.
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { makeId } from "@fleetty/protocol/ids";
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { pino } from "pino";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { isRunning } from "../pty/processes.ts";
import type { ConfiguredSecret } from "../secrets/configured-secret.ts";
import { keptKey } from "../state/kept-files.ts";
import { SqliteStore } from "../store/sqlite-store.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import { readRecords } from "./host-set.ts";
import { LocalWorker } from "./local-worker.ts";

export const call: Call = {
  actor: { principal: "local", kind: "human", face: "test" },
  via: [],
  deadlineMs: 60_000,
};

export class TestWorker {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  /** What it has logged, one object a line. */
  readonly logged: { readonly msg: string; readonly [member: string]: unknown }[] = [];
  worker!: LocalWorker;
  /** Of the next opening. */
  maxHosts = 4;
  /** Secrets of its configuration, of the next opening. */
  configured: ReadonlyMap<string, ConfiguredSecret> = new Map();
  /**
   * What its disk does with what is recorded: takes it, refuses it, or never answers where a session is recorded. A worker that
   * closes waits for its journal, so what happens meanwhile is always kept or refused.
   */
  disk: "works" | "is full" | "hangs" = "works";

  static async open(): Promise<TestWorker> {
    const test = new TestWorker();
    await test.open();
    return test;
  }

  get stateDir(): string {
    return this.#folder.path;
  }

  get hosts() {
    return readRecords(this.stateDir, this.stateDir);
  }

  async open(): Promise<void> {
    const environment = { PATH: process.env["PATH"], SHELL: "/bin/sh" };
    this.worker = await LocalWorker.open({
      store: this.#store(),
      stateDir: this.stateDir,
      runtimeDir: this.stateDir,
      serverId: "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
      hostname: "here",
      ringBytes: 1024 * 1024,
      maxSessions: 64,
      slots: 4,
      maxHosts: this.maxHosts,
      env: { PATH: environment.PATH ?? "" },
      umask: 0o027,
      creation: { environment, passNames: [] },
      secrets: { sealed: new SealedTexts(keptKey(join(this.stateDir, "secret.key"))), configured: this.configured },
      log: pino({ base: null }, { write: (line) => this.logged.push(JSON.parse(line)) }),
    });
  }

  #store(): WorkerStore {
    const store = new SqliteStore(join(this.stateDir, "worker.db"));
    const write = (work: () => Promise<void>): Promise<void> =>
      this.disk === "is full" ? Promise.reject(new Error("no space")) : work();
    const record = (work: () => Promise<void>): Promise<void> =>
      this.disk === "hangs" ? new Promise(() => {}) : write(work);
    return {
      begin: () => store.begin(),
      recordSession: (row, counter) => record(() => store.recordSession(row, counter)),
      forgetSession: (id) => record(() => store.forgetSession(id)),
      keepEvents: (rows, lost) => write(() => store.keepEvents(rows, lost)),
      eventsAfter: (seq, max) => store.eventsAfter(seq, max),
      endJournal: (incarnation) => write(() => store.endJournal(incarnation)),
      expireEvents: (before, kept) => store.expireEvents(before, kept),
      secrets: () => store.secrets(),
      keepSecret: (row, max) => store.keepSecret(row, max),
      forgetSecret: (name) => store.forgetSecret(name),
      useSecret: (name, at) => store.useSecret(name, at),
      close: () => store.close(),
    };
  }

  /** The worker goes and comes again; its hosts stay. */
  async reopen(meanwhile: () => unknown = () => {}): Promise<void> {
    await this.worker.close();
    await meanwhile();
    await this.open();
  }

  async start(input: Partial<OperationInput<"sessions.start">>): Promise<SessionInfo> {
    return (await this.worker.call("sessions.start", { id: makeId("ses"), ...input }, call)) as SessionInfo;
  }

  async list(): Promise<SessionInfo[]> {
    return (await this.worker.call("sessions.list", {}, call)) as SessionInfo[];
  }

  async text(session: string): Promise<string> {
    const answer = await this.worker.call("sessions.output", { session }, call);
    return (answer as { text?: string }).text ?? "";
  }

  async [Symbol.asyncDispose]() {
    const hosts = this.hosts;
    await this.worker.endAll(call).catch(() => {});
    await this.worker.close();
    for (const { pid, start_time, boot_id } of hosts) {
      const host = { pid, startTime: start_time, bootId: boot_id };
      if (isRunning(host)) process.kill(pid, "SIGKILL");
      await waitUntil(`host ${pid} is gone`, () => !isRunning(host));
    }
    this.#folder.remove();
  }
}
