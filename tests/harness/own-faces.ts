// Opens the real faces in this process, on a unix socket and on TCP, over calls that a test brings: for what no server can
// be brought to do from outside, and for seeing what a face asks. Knows no operation.
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { ServerKey } from "@fleetty/carrier/server-key";
import { Authority } from "@fleetty/hub/auth/authority";
import type { NamedTokens } from "@fleetty/hub/auth/named-tokens";
import { TrustedProxies } from "@fleetty/hub/auth/trusted-proxies";
import type { HubCalls } from "@fleetty/hub/calls";
import type { EventFeed } from "@fleetty/hub/events/event-feed";
import { type Faces, openFaces } from "@fleetty/hub/faces/listen";
import type { Reception } from "@fleetty/hub/fleet/reception";
import { Hub } from "@fleetty/hub/hub";
import type { Metrics } from "@fleetty/hub/metrics/metrics";
import { Presets } from "@fleetty/hub/presets/presets";
import { Readiness } from "@fleetty/hub/readiness";
import { ServerIdentity } from "@fleetty/hub/server-info";
import type { Waits } from "@fleetty/hub/waits/waits";
import { Secret } from "@fleetty/protocol/secret";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { pino } from "pino";
import { fleetOfOne } from "./fleet-of-one.ts";

export const TOKEN = "0123456789abcdef-of-the-test";

const authority = () => new Authority({ root: { secret: new Secret(TOKEN), renew: null, from: "a test" } });

/** As hubs would meet it. */
const key = ServerKey.fromPem(ServerKey.makePem());
const facts = {
  server: "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
  start_id: "1",
  hostname: "here",
  incarnation: 1,
  host_print: "a test",
  version: "0",
  features: [],
};

export class OwnFaces {
  readonly #folder: { readonly path: string; remove(): void };
  readonly #faces: Faces;
  /** What was logged, one object a line. */
  readonly logged: readonly { readonly msg: string; readonly request_id?: string; readonly err?: unknown }[];

  private constructor(parts: { folder: { path: string; remove(): void }; faces: Faces; logged: OwnFaces["logged"] }) {
    this.#folder = parts.folder;
    this.#faces = parts.faces;
    this.logged = parts.logged;
  }

  static async open(calls: HubCalls, mcp: { readonly callMaxMs?: number } = {}): Promise<OwnFaces> {
    const folder = mkdtempDisposableSync("/tmp/ft-");
    const logged: OwnFaces["logged"][number][] = [];
    const access = { allowedHosts: [], allowedOrigins: [], proxies: new TrustedProxies([]), basePrefix: "" };
    const faces = await openFaces({
      calls,
      log: pino({ base: null }, { write: (line) => logged.push(JSON.parse(line)) }),
      socketPath: join(folder.path, "http.sock"),
      compatSocketPath: null,
      binds: [{ host: "127.0.0.1", port: 0 }],
      authority: authority(),
      hostname: "here",
      access: { ...access, isOpen: false, rateLimit: null, connectionsMax: 4096, certificate: null },
      onAnswered: () => {},
      link: {
        fleet: fleetOfOne({} as WorkerPort, "here"),
        facts,
        status: () => ({ slots: 4, load1: 0, os: "linux", arch: "x64" }),
        key,
      },
      reception: {} as Reception,
      mcp: { version: "0", toolPrefix: "", ...mcp },
    });
    return new OwnFaces({ folder, faces, logged });
  }

  get socketPath(): string {
    return join(this.#folder.path, "http.sock");
  }

  get tcp(): { host: string; port: number; token: string } {
    const [host = "", port] = (this.#faces.tcpAddresses[0] ?? "").split(":");
    return { host, port: Number(port), token: TOKEN };
  }

  close(graceMs = 0): Promise<void> {
    return this.#faces.close({ graceMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.#folder.remove();
  }
}

/** A hub over one worker, without audit, store and metrics. */
export function hubOver(worker: WorkerPort): Hub {
  const identity = new ServerIdentity({
    id: "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
    hostname: "here",
    version: "0",
    instance: "test",
  });
  return new Hub({
    fleet: fleetOfOne(worker, "here"),
    events: {} as EventFeed,
    waits: {} as Waits,
    identity,
    limits: { viewersPerSession: 64, viewers: 1024 },
    auth: { authority: authority(), ownUrl: () => null, basePrefix: "" },
    tokens: { list: () => [] } as unknown as NamedTokens,
    presets: new Presets([]),
    readiness: new Readiness({ store: async () => true, session_host: async () => true }),
    metrics: { text: async () => "" } as unknown as Metrics,
    documents: { openapi: async () => ({}), guide: async () => "" },
    persistence: { isPersistent: true, persist: () => {} },
    onReload: () => Promise.reject(new Error("nobody reads a file here")),
    onShutdown: () => {},
  });
}
