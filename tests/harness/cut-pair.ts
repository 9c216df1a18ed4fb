// Two members of a fleet on a network whose cables are cut together: one that the hub dials and one that has joined it, each
// with a session that prints and one into which somebody types.
import type { CableDirection } from "./network.ts";
import type { NetworkFleet } from "./network-fleet.ts";
import { Traffic } from "./traffic.ts";

/** Words before and words after a cut. */
const WORDS = 20;

export interface PairNames {
  readonly dialled: string;
  readonly joined: string;
}

export class CutPair implements AsyncDisposable {
  readonly servers: readonly string[];
  readonly #lab: NetworkFleet;
  readonly #traffic: readonly Traffic[];

  private constructor(lab: NetworkFleet, traffic: readonly Traffic[]) {
    this.servers = traffic.map(({ server }) => server);
    this.#lab = lab;
    this.#traffic = traffic;
  }

  static async start(lab: NetworkFleet, { dialled, joined }: PairNames): Promise<CutPair> {
    return new CutPair(lab, await Promise.all([Traffic.start(lab.hub, dialled), Traffic.start(lab.hub, joined)]));
  }

  /** While somebody types. */
  cut(direction: CableDirection): void {
    this.#type();
    for (const server of this.servers) this.#lab.host(server).cut(direction);
    this.#type();
  }

  heal(): void {
    for (const server of this.servers) this.#lab.host(server).heal();
  }

  /** Resolves when the hub says so of both. */
  async become(health: string): Promise<void> {
    await Promise.all(this.servers.map((server) => this.#lab.fleet.becomes(server, health)));
  }

  /** Resolves when both go on where they were: nothing is lost, and nothing came twice. */
  async goesOn(): Promise<void> {
    await Promise.all(this.#traffic.map((traffic) => traffic.goesOn()));
    await Promise.all(this.#traffic.map((traffic) => traffic.assertWhole()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#traffic.map((traffic) => traffic[Symbol.asyncDispose]()));
  }

  #type(): void {
    for (const traffic of this.#traffic) traffic.type(WORDS);
  }
}
