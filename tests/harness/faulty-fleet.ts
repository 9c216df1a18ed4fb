// A hub with two members, each behind a network of its own that can be cut: one that the hub dials, and a worker that dials the
// hub. All three can be killed and started again where they were.
import assert from "node:assert/strict";
import { FaultProxy } from "./fault-proxy.ts";
import { TestFleet } from "./fleet.ts";
import { freePort } from "./free-port.ts";
import { startServer, type TestServer } from "./server.ts";
import { TestWorkerProcess } from "./worker.ts";

/** Silence after which the hub gives a member up. */
const SILENCE_MS = 1_500;

export const MEMBERS = ["dialled", "joined"] as const;
export type MemberName = (typeof MEMBERS)[number];

interface Parts {
  readonly fleet: TestFleet;
  readonly dialled: TestServer;
  readonly joined: TestWorkerProcess;
  readonly proxies: Readonly<Record<MemberName, FaultProxy>>;
  readonly stack: AsyncDisposableStack;
}

export class FaultyFleet implements AsyncDisposable {
  readonly fleet: TestFleet;
  readonly hub: TestServer;
  readonly dialled: TestServer;
  readonly joined: TestWorkerProcess;
  readonly proxies: Readonly<Record<MemberName, FaultProxy>>;
  readonly #stack: AsyncDisposableStack;

  private constructor({ fleet, dialled, joined, proxies, stack }: Parts) {
    this.fleet = fleet;
    this.hub = fleet.hub;
    this.dialled = dialled;
    this.joined = joined;
    this.proxies = proxies;
    this.#stack = stack;
  }

  /** Resolves when both members are healthy. */
  static async open(): Promise<FaultyFleet> {
    await using stack = new AsyncDisposableStack();
    const [hub, dialled] = await Promise.all([
      startOnPort("hub-1", ["--member-silence-ms", `${SILENCE_MS}`]),
      startOnPort("dialled"),
    ]);
    stack.use(hub);
    stack.use(dialled);
    const fleet = stack.use(new TestFleet(hub, new Map(), new AsyncDisposableStack()));
    const proxies = {
      dialled: await fleet.addBehindProxy(dialled, "dialled"),
      joined: stack.use(await FaultProxy.open(await hub.tcp(), "tcp")),
    };
    const joined = stack.use(new TestWorkerProcess("joined"));
    const { status, json } = await hub.ask({ path: "/servers/join-codes", body: {} });
    assert.equal(status, 201, JSON.stringify(json));
    joined.start({ args: ["--join", `http://127.0.0.1:${proxies.joined.port}`], stdin: `${json.code}\n` });
    await fleet.becomes("joined", "healthy");
    return new FaultyFleet({ fleet, dialled, joined, proxies, stack: stack.move() });
  }

  async restartHub(): Promise<void> {
    await this.hub.kill();
    await this.hub.start();
  }

  async restart(member: MemberName): Promise<void> {
    await this[member].kill();
    await this[member].start();
  }

  /** Nothing passes until the hub has given the member up; it comes back. */
  async silence(member: MemberName): Promise<void> {
    this.proxies[member].cut();
    await this.fleet.becomes(member, "unavailable", "silent");
    this.proxies[member].heal();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** On a port that it has again after a restart. */
async function startOnPort(hostname: string, more: readonly string[] = []): Promise<TestServer> {
  const args = ["--hostname", hostname, "--bind", `127.0.0.1:${await freePort()}`, ...more];
  return startServer({ args });
}
