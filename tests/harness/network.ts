// Hosts in network namespaces, each on a cable of its own to one router, which is a namespace too: what runs there can be cut
// off from the others in either direction, and a host can lose its power and boot again. Nothing of this machine's own
// network is touched. A namespace lives as long as the process that holds it, which ends with the test however that ends.
//
//   plugged ──cut(direction)──► what goes that way is lost, and nobody is told ──heal──► plugged
//      └──losePower──► its programs and its cable are gone without a word ──boot──► plugged, and another boot
//
// It needs root.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, livingIn, networkOf } from "./processes.ts";
import type { Place } from "./test-process.ts";
import { waitUntil } from "./wait-until.ts";

/** As a host sees it: `out` is what it sends, `in` what is sent to it. */
export type CableDirection = "in" | "out" | "both";

/** Why no hosts can be made here; false when they can. */
export async function whyNoNetwork(): Promise<string | false> {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  try {
    await using network = await Network.open();
    const host = await network.addHost();
    host.cut();
    return false;
  } catch (thrown) {
    return `no network namespaces can be made here: ${(thrown as Error).message}`;
  }
}

export class Network implements AsyncDisposable {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly #router: Namespace;
  readonly #hosts: NetworkHost[] = [];

  private constructor(router: Namespace) {
    this.#router = router;
  }

  static async open(): Promise<Network> {
    const router = await Namespace.open();
    router.run("ip link set lo up; echo 1 >/proc/sys/net/ipv4/ip_forward");
    return new Network(router);
  }

  async addHost(): Promise<NetworkHost> {
    const host = new NetworkHost(this.#router, { number: this.#hosts.length + 1, folder: this.#folder.path });
    this.#hosts.push(host);
    await host.boot();
    return host;
  }

  /** Whatever still runs on its hosts is ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) await host.losePower();
    await this.#router[Symbol.asyncDispose]();
    this.#folder.remove();
  }
}

export class NetworkHost implements Place {
  /** As the others reach it (RFC 5737). */
  readonly address: string;
  readonly #gateway: string;
  readonly #cable: string;
  readonly #bootId: string;
  readonly #router: Namespace;
  readonly #lost = new Set<"from" | "to">();
  #namespace: Namespace | null = null;

  /** `number`: from 1 to 126. */
  constructor(router: Namespace, { number, folder }: { readonly number: number; readonly folder: string }) {
    this.#router = router;
    this.#gateway = `192.0.2.${2 * number}`;
    this.address = `192.0.2.${2 * number + 1}`;
    this.#cable = `cable-${number}`;
    this.#bootId = join(folder, `boot-id-${number}`);
  }

  get enter(): readonly string[] {
    return this.#inside.enter;
  }

  /** Its kernel is this machine's, and says that it has just booted; so do containers (systemd-nspawn(1)). */
  async boot(): Promise<void> {
    const namespace = await Namespace.open("--mount");
    this.#namespace = namespace;
    writeFileSync(this.#bootId, `${randomUUID()}\n`);
    namespace.run(`mount --bind ${this.#bootId} /proc/sys/kernel/random/boot_id`);
    this.#router.run(
      `ip link add name ${this.#cable} type veth peer name eth0 netns ${namespace.pid}
      ip address add ${this.#gateway}/31 dev ${this.#cable}
      ip link set ${this.#cable} up`,
    );
    namespace.run(
      `ip link set lo up
      ip address add ${this.address}/31 dev eth0
      ip link set eth0 up
      ip route add default via ${this.#gateway}`,
    );
  }

  cut(direction: CableDirection = "both"): void {
    for (const way of direction === "both"
      ? (["from", "to"] as const)
      : ([direction === "out" ? "from" : "to"] as const)) {
      if (this.#lost.has(way)) continue;
      this.#lost.add(way);
      this.#router.run(`ip rule add ${way} ${this.address} blackhole`);
    }
  }

  heal(): void {
    for (const way of this.#lost) this.#router.run(`ip rule del ${way} ${this.address} blackhole`);
    this.#lost.clear();
  }

  /** Nobody hears of it: its cable is gone before its programs are. */
  async losePower(): Promise<void> {
    const namespace = this.#namespace;
    if (!namespace) return;
    this.#namespace = null;
    // It is not there when the host has not come up.
    this.#router.run(`ip link delete ${this.#cable} || ! ip link show ${this.#cable}`);
    await namespace[Symbol.asyncDispose]();
  }

  get #inside(): Namespace {
    if (!this.#namespace) throw new Error(`the host ${this.address} has no power`);
    return this.#namespace;
  }
}

/** A network namespace, and others beside it, that last until this process ends. */
class Namespace implements AsyncDisposable {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** `more`: further namespaces: `--mount`. */
  static async open(...more: readonly string[]): Promise<Namespace> {
    // It ends when its standard input does, and says that it is there by giving back what it reads.
    const holder = spawn("unshare", ["--net", ...more, "cat"], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(holder, "exit").then(([code]) => Promise.reject(new Error(`unshare ended with ${code}`)));
    ended.catch(() => {});
    holder.stdin.on("error", () => {});
    holder.stdin.write("\n");
    await Promise.race([once(holder.stdout, "data"), ended]);
    return new Namespace(holder);
  }

  get pid(): number {
    return this.#holder.pid as number;
  }

  /** Runs the command behind it there. */
  get enter(): readonly string[] {
    return ["nsenter", "-t", `${this.pid}`, "--net", "--mount", "--"];
  }

  /** Runs a shell's script there; throws with what it said at the first line that fails. */
  run(script: string): void {
    const [program = "", ...args] = this.enter;
    execFileSync(program, [...args, "sh", "-ec", script], { stdio: "pipe" });
  }

  /** Ends whatever runs there. */
  async [Symbol.asyncDispose](): Promise<void> {
    const network = networkOf(this.pid);
    const left = () => (network === null ? [] : livingIn(network));
    for (const process of left()) kill(process, "SIGKILL");
    await waitUntil("its programs are gone", () => left().length === 0, { seen: left });
  }
}
