// A hub and the servers that it dials, each a real server in a home of its own: what fleet stories begin with. Members can be
// put behind a network that is cut, frozen and healed.
import assert from "node:assert/strict";
import { FaultProxy } from "./fault-proxy.ts";
import { type ServerOptions, startServer, type TestServer } from "./server.ts";
import { waitUntil } from "./wait-until.ts";

export interface TestFleetOptions {
  /** Hostnames of the members. */
  readonly members: readonly string[];
  readonly hub?: ServerOptions;
}

/** A fleet whose members are all healthy. */
export async function startFleet({ members: names, hub: options = {} }: TestFleetOptions): Promise<TestFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const args = ["--hostname", "hub-1", ...(options.args ?? [])];
    const [hub, ...members] = await Promise.all([
      startServer({ ...options, args }),
      ...names.map((hostname) => startServer({ tcp: true, args: ["--hostname", hostname] })),
    ]);
    for (const server of [...members, hub as TestServer]) stack.use(server);
    const fleet = new TestFleet(
      hub as TestServer,
      new Map(names.map((name, at) => [name, members[at] as TestServer])),
      stack,
    );
    await Promise.all(names.map((name) => fleet.add(name)));
    return fleet;
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

export class TestFleet {
  readonly hub: TestServer;
  readonly #members: ReadonlyMap<string, TestServer>;
  readonly #stack: AsyncDisposableStack;

  constructor(hub: TestServer, members: ReadonlyMap<string, TestServer>, stack: AsyncDisposableStack) {
    this.hub = hub;
    this.#members = members;
    this.#stack = stack;
  }

  member(hostname: string): TestServer {
    const member = this.#members.get(hostname);
    assert.ok(member, `no member ${hostname}`);
    return member;
  }

  /** Adds a member with its token; resolves when it is healthy. */
  async add(hostname: string): Promise<void> {
    await this.addServer(this.member(hostname), hostname);
  }

  async addServer(server: TestServer, hostname: string): Promise<void> {
    await this.#register(await server.tcp(), server, hostname);
  }

  /** Adds a server behind a network of its own; resolves when it is healthy. */
  async addBehindProxy(server: TestServer, hostname: string): Promise<FaultProxy> {
    const proxy = this.#stack.use(await FaultProxy.open(await server.tcp(), "tcp"));
    await this.#register({ host: "127.0.0.1", port: proxy.port }, server, hostname);
    return proxy;
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  async server(ref: string): Promise<any> {
    return (await this.hub.ask({ path: `/servers/${encodeURIComponent(ref)}` })).json;
  }

  /** Resolves when the hub says so of that server, by hostname, id or address. */
  async becomes(ref: string, health: string, reason?: string): Promise<void> {
    let seen: unknown;
    const is = async () => {
      const server = await this.server(ref);
      seen = server;
      return server.health === health && (reason === undefined || server.reason === reason);
    };
    await waitUntil(`${ref} is ${health} ${reason ?? ""}`, is, { seen: () => seen });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #register({ host, port }: { host: string; port: number }, { token }: TestServer, hostname: string) {
    const body = { address: `http://${host}:${port}`, token };
    const added = await this.hub.ask({ path: "/servers", body });
    assert.equal(added.status, 201, added.body.toString());
    await this.becomes(hostname, "healthy");
  }
}
