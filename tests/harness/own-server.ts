// A server whose faces, hub and worker are in this process, over one real session host: for what takes a real server too
// long, or too much of everything. Every call on the worker can be given less time than the table grants it.
import assert from "node:assert/strict";
import type { Call } from "@fleetty/protocol/link";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { TestWorker } from "@fleetty/worker/worker/worker-harness";
import { type Answer, type Ask, ask } from "./http.ts";
import { hubOver, OwnFaces } from "./own-faces.ts";
import { isAlive, type Known, kill, know } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

export class OwnServer {
  readonly worker: TestWorker;
  readonly faces: OwnFaces;
  readonly #between: Between;

  private constructor(parts: { worker: TestWorker; faces: OwnFaces; between: Between }) {
    this.worker = parts.worker;
    this.faces = parts.faces;
    this.#between = parts.between;
  }

  static async open(mcp: { readonly callMaxMs?: number } = {}): Promise<OwnServer> {
    const worker = new TestWorker();
    worker.maxHosts = 1;
    await worker.open();
    const between = new Between(worker.worker);
    return new OwnServer({ worker, faces: await OwnFaces.open(hubOver(between), mcp), between });
  }

  get where() {
    return { socketPath: this.faces.socketPath };
  }

  /** Time for every call; null for that of its row. */
  set patienceMs(ms: number | null) {
    this.#between.patienceMs = ms;
  }

  /** Operations that the hub has asked of the worker, in order. */
  get asked(): readonly string[] {
    return this.#between.asked;
  }

  /** Operations that the worker has not answered yet. */
  get underWay(): readonly string[] {
    return this.#between.underWay;
  }

  ask(asked: Ask): Promise<Answer> {
    return ask(this.where, asked);
  }

  /** Resolves with its id when its program shows `ready`. */
  async start(name: string, argv: readonly string[], more: { ready?: string; cols?: number; rows?: number } = {}) {
    const { ready, ...size } = more;
    const { status, json } = await this.ask({ path: "/sessions", body: { name, argv, ...size } });
    assert.equal(status, 201, JSON.stringify(json));
    if (ready !== undefined) {
      const until = { pattern: { regex: ready, on: "output" } };
      const waited = await this.ask({ path: `/sessions/${name}/wait`, body: { since: { offset: 0 }, until } });
      assert.equal(waited.json.reason, "pattern", JSON.stringify(waited.json));
    }
    return json.id as string;
  }

  /** Its one session host. */
  get host(): Known {
    const [host] = this.worker.hosts;
    return know(host?.pid ?? 0) as Known;
  }

  async killHost(): Promise<void> {
    const { host } = this;
    kill(host, "SIGKILL");
    await waitUntil("the host is dead", () => !isAlive(host));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.faces[Symbol.asyncDispose]();
    await this.worker[Symbol.asyncDispose]();
  }
}

/** Stands between hub and worker: hands on every call, with the time that it is told. */
class Between implements WorkerPort {
  readonly asked: string[] = [];
  underWay: readonly string[] = [];
  patienceMs: number | null = null;
  readonly #port: WorkerPort;

  constructor(port: WorkerPort) {
    this.#port = port;
  }

  call: WorkerPort["call"] = (name, input, call) => {
    this.asked.push(name);
    this.underWay = [...this.underWay, name];
    return this.#port.call(name, input, this.#hurried(call)).finally(() => {
      this.underWay = this.underWay.toSpliced(this.underWay.indexOf(name), 1);
    });
  };

  stream: WorkerPort["stream"] = (request, events, call) => this.#port.stream(request, events, this.#hurried(call));

  input: WorkerPort["input"] = (request, events, call) => this.#port.input(request, events, this.#hurried(call));

  events: WorkerPort["events"] = (listener) => this.#port.events(listener);

  changes: WorkerPort["changes"] = (listener) => this.#port.changes(listener);

  #hurried(call: Call): Call {
    return { ...call, deadlineMs: this.patienceMs ?? call.deadlineMs };
  }
}
