// A fleet whose servers stand on hosts of a network of their own, all of it over TLS: members that the hub dials, and workers
// that have joined it. What stories about cables and machines begin with.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CertificateFiles, makeCertificate, textOf } from "./certificate.ts";
import { writeConfig } from "./config.ts";
import { TestFleet } from "./fleet.ts";
import { type Home, makeHome } from "./folders.ts";
import { Network, type NetworkHost } from "./network.ts";
import { startServer, type TestServer } from "./server.ts";
import { TestWorkerProcess } from "./worker.ts";

export interface NetworkFleetOptions {
  /** Hostnames of members that the hub dials. */
  readonly dialled?: readonly string[];
  /** Hostnames of workers that dial the hub. */
  readonly joined?: readonly string[];
  /** Silence after which a link is given up. */
  readonly silenceMs: number;
}

/** A host with what the operator has put there. */
interface Machine {
  readonly name: string;
  readonly host: NetworkHost;
  readonly certificate: CertificateFiles;
}

/** What is to be done at the end. */
interface Ending {
  /** Servers and workers. */
  readonly running: AsyncDisposable[];
  readonly stack: AsyncDisposableStack;
}

/** Each host has its own. */
const PORT = 7337;

export class NetworkFleet implements AsyncDisposable {
  readonly network: Network;
  readonly fleet: TestFleet;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #workers = new Map<string, TestWorkerProcess>();
  readonly #running: AsyncDisposable[];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    network: Network,
    fleet: TestFleet,
    { machines, running, stack }: { machines: readonly Machine[] } & Ending,
  ) {
    this.network = network;
    this.fleet = fleet;
    this.#machines = new Map(machines.map((machine) => [machine.name, machine]));
    this.#running = running;
    this.#stack = stack;
  }

  /** All of them are healthy. */
  static async open({ dialled = [], joined = [], silenceMs }: NetworkFleetOptions): Promise<NetworkFleet> {
    const stack = new AsyncDisposableStack();
    try {
      const network = stack.use(await Network.open());
      const folder = stack.use(mkdtempDisposableSync("/tmp/ft-"));
      const machines: Machine[] = [];
      for (const name of ["hub-1", ...dialled, ...joined]) {
        const host = await network.addHost();
        machines.push({ name, host, certificate: makeCertificate(folder.path, name, [host.address]) });
      }
      const home = stack.adopt(makeHome(), ({ remove }) => remove());
      // Last of all, so that they end before what they stand on goes.
      const running = stack.adopt<AsyncDisposable[]>([], endTogether);
      const [own, ...others] = machines as [Machine, ...Machine[]];
      const members = others.slice(0, dialled.length);
      const [hub, ...servers] = await Promise.all([
        startHub(own, { silenceMs, trusted: members, home }),
        ...members.map((machine) => startOn(machine)),
      ]);
      running.push(hub, ...servers);
      const fleet = new TestFleet(hub, new Map(), stack);
      const opened = new NetworkFleet(network, fleet, { machines, running, stack });
      await Promise.all([
        ...servers.map((server, at) => opened.#dial(server, members[at] as Machine)),
        ...joined.map((name) => opened.#join(name)),
      ]);
      return opened;
    } catch (thrown) {
      await stack.disposeAsync();
      throw thrown;
    }
  }

  get hub(): TestServer {
    return this.fleet.hub;
  }

  host(name: string): NetworkHost {
    return this.#machine(name).host;
  }

  worker(name: string): TestWorkerProcess {
    const worker = this.#workers.get(name);
    assert.ok(worker, `no worker ${name}`);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #machine(name: string): Machine {
    const machine = this.#machines.get(name);
    assert.ok(machine, `no machine ${name}`);
    return machine;
  }

  async #dial({ token }: TestServer, { name, host }: Machine): Promise<void> {
    const body = { address: urlOf(host), token };
    const added = await this.hub.ask({ path: "/servers", body });
    assert.equal(added.status, 201, added.body.toString());
    await this.fleet.becomes(name, "healthy");
  }

  async #join(name: string): Promise<void> {
    const { host, certificate } = this.#machine("hub-1");
    const worker = new TestWorkerProcess(name, makeHome(), this.host(name));
    this.#running.push(worker);
    this.#workers.set(name, worker);
    const made = await this.hub.ask({ path: "/servers/join-codes", body: {} });
    assert.equal(made.status, 201, made.body.toString());
    worker.start({ args: ["--join", urlOf(host), "--ca-file", certificate.cert], stdin: `${made.json.code}\n` });
    await this.fleet.becomes(name, "healthy");
  }
}

/** Each of them waits more than it does. Throws what one of them has thrown once all have ended. */
async function endTogether(running: readonly AsyncDisposable[]): Promise<void> {
  const ends = await Promise.allSettled(running.map((one) => one[Symbol.asyncDispose]()));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function urlOf({ address }: NetworkHost): string {
  return `https://${address}:${PORT}`;
}

interface HubStart {
  readonly silenceMs: number;
  /** Members that it will dial. */
  readonly trusted: readonly Machine[];
  readonly home: Home;
}

function startHub(machine: Machine, { silenceMs, trusted, home }: HubStart): Promise<TestServer> {
  if (trusted.length > 0) {
    const authorities = join(home.root, "fleet-ca.pem");
    writeFileSync(authorities, trusted.map(({ certificate }) => textOf(certificate)).join(""));
    writeConfig(home, `[tls]\nca_file = "${authorities}"\n`);
  }
  return startOn(machine, { home, args: ["--member-silence-ms", `${silenceMs}`] });
}

function startOn(
  { name, host: place, certificate: { cert, key } }: Machine,
  { args = [], ...options }: Parameters<typeof startServer>[0] = {},
): Promise<TestServer> {
  const own = ["--hostname", name, "--bind", `${place.address}:${PORT}`, "--tls-cert", cert, "--tls-key", key];
  return startServer({ ...options, place, args: [...own, ...args] });
}
