// Holds who this server is: its lasting id, the id of this run, its names and where it listens.
import { randomUUID } from "node:crypto";

export interface ServerIdentityOptions {
  /** `srv_…`, kept in the state folder. */
  readonly id: string;
  readonly hostname: string;
  readonly version: string;
  readonly instance: string;
}

export class ServerIdentity {
  readonly #options: ServerIdentityOptions;
  /** New at each start. */
  readonly startId = randomUUID();
  readonly #startedAt = new Date().toISOString();
  #socketPath = "";
  #tcpAddress: string | null = null;
  #localUrl: string | null = null;

  constructor(options: ServerIdentityOptions) {
    this.#options = options;
  }

  get id(): string {
    return this.#options.id;
  }

  get hostname(): string {
    return this.#options.hostname;
  }

  /** Known once the listeners are open; the first TCP address stands for all. */
  listensOn(addresses: { socketPath: string; tcpAddress: string | null; localUrl: string | null }): void {
    this.#socketPath = addresses.socketPath;
    this.#tcpAddress = addresses.tcpAddress;
    this.#localUrl = addresses.localUrl;
  }

  isCalled(reference: string): boolean {
    return reference === this.#options.hostname || reference === this.#options.id;
  }

  /** Where a browser beside the server opens it, without its base prefix; null when it listens on no TCP. */
  get localUrl(): string | null {
    return this.#localUrl;
  }

  /** Where other machines reach it, without its base prefix, as far as it can know that; null when it listens on no TCP. */
  get joinUrl(): string | null {
    const isEverywhere = /^(0\.0\.0\.0|\[::\]):/.test(this.#tcpAddress ?? "");
    if (!isEverywhere) return this.#localUrl;
    return this.#localUrl?.replace(/\/\/(127\.0\.0\.1|\[::1\]):/, `//${this.#options.hostname}:`) ?? null;
  }

  /** As a member of its own fleet, but for its sessions, and for what is kept of it. */
  describeAsServer() {
    const { id, hostname, version } = this.#options;
    return {
      hostname,
      address: "local",
      health: "healthy" as const,
      role: "member" as const,
      server_id: this.startId,
      id,
      reported_hostname: hostname,
      link: "local" as const,
      version,
      latency_ms: 0,
      since: this.#startedAt,
      reason: null,
      last_seen: new Date().toISOString(),
    };
  }

  /** As `server.info` tells it, but for what changes while it runs. */
  describe() {
    const { id, hostname, version, instance } = this.#options;
    return {
      hostname,
      version,
      server_id: this.startId,
      id,
      product: "fleetty",
      api: 1,
      instance_name: instance,
      socket_path: this.#socketPath,
      tcp_addr: this.#tcpAddress,
    };
  }
}
