// Runs a fleetty server in this process: opens the instance's state, its worker, the hub and the faces, in this order, and
// closes them in the other. The one place where hub and worker meet.
//
//   starting ──faces listen──► serving ──SIGTERM, SIGINT, shutdown, ephemeral over──► stopping ──► stopped
import { join } from "node:path";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { AuditLog } from "@fleetty/hub/audit/audit-log";
import { AuditedCalls } from "@fleetty/hub/audit/audited-calls";
import { joinEntry } from "@fleetty/hub/audit/join-entry";
import { Authority } from "@fleetty/hub/auth/authority";
import { NamedTokens } from "@fleetty/hub/auth/named-tokens";
import type { HubCalls } from "@fleetty/hub/calls";
import { EventKeeping } from "@fleetty/hub/events/event-keeping";
import { accessLog } from "@fleetty/hub/faces/access-log";
import type { OnAnswered } from "@fleetty/hub/faces/answered";
import { type Faces, openFaces } from "@fleetty/hub/faces/listen";
import { Fleet } from "@fleetty/hub/fleet/fleet";
import { Hub } from "@fleetty/hub/hub";
import { KeyedCalls } from "@fleetty/hub/keyed-calls";
import { MeteredCalls } from "@fleetty/hub/metrics/metered-calls";
import { Metrics } from "@fleetty/hub/metrics/metrics";
import { Presets } from "@fleetty/hub/presets/presets";
import { Readiness } from "@fleetty/hub/readiness";
import { ServerIdentity } from "@fleetty/hub/server-info";
import { hubCall } from "@fleetty/hub/sessions/hub-call";
import type { HubStore } from "@fleetty/hub/store/hub-store";
import { SqliteHubStore } from "@fleetty/hub/store/sqlite-hub-store";
import { Waits } from "@fleetty/hub/waits/waits";
import { apiGuide } from "@fleetty/protocol/api-guide";
import { openapiDocument } from "@fleetty/protocol/openapi";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { claimSocket } from "@fleetty/worker/state/claim-socket";
import { FLEETTY_VERSION } from "@fleetty/worker/version";
import type { LocalWorker } from "@fleetty/worker/worker/local-worker";
import type { Logger } from "pino";
import { readCertificate } from "./certificate.ts";
import { claimCompatSocket } from "./compat-socket.ts";
import type { ServerConfig } from "./config.ts";
import { Persistence } from "./persistence.ts";
import { openLog } from "./process-life.ts";
import { linkFacts, machineStatus, openLocalWorker, tellManager } from "./process-parts.ts";
import { fleetConfigOf, Reloading } from "./reloading.ts";
import type { OpenState } from "./state-folder.ts";
import { welcome } from "./welcome.ts";

/** Time for open answers to be sent before their sockets are closed. */
const STOP_GRACE_MS = 2_000;
/** Every process of every session gets its HUP, TERM and KILL within this time. */
const END_SESSIONS_MS = 40_000;

/** Resolves with the exit code once the server has stopped. Rejects with whatever kept it from starting. */
export async function serve(given: Omit<ServerParts, "log">): Promise<number> {
  const server = new RunningServer({ ...given, log: openLog(given.config) });
  try {
    await server.start();
  } catch (thrown) {
    await server.stop({ endSessions: false });
    throw thrown;
  }
  return server.stopped;
}

interface ServerParts {
  readonly config: ServerConfig;
  /** As it would be if the server started now. */
  readonly readConfig: () => ServerConfig;
  /** Of whoever started the server. */
  readonly umask: number;
  readonly state: OpenState;
  readonly log: Logger;
}

class RunningServer {
  readonly #config: ServerConfig;
  readonly #readConfig: () => ServerConfig;
  readonly #umask: number;
  readonly #state: OpenState;
  readonly #log: Logger;
  readonly #stopped = Promise.withResolvers<number>();
  #store: HubStore | null = null;
  #audit: AuditLog | null = null;
  #tokens: NamedTokens | null = null;
  #worker: LocalWorker | null = null;
  #fleet: Fleet | null = null;
  #events: EventKeeping | null = null;
  #hub: Hub | null = null;
  #calls: KeyedCalls | null = null;
  #readiness: Readiness | null = null;
  #faces: Faces | null = null;
  #persistence: Persistence | null = null;
  #isStopping = false;

  constructor({ config, readConfig, umask, state, log }: ServerParts) {
    this.#config = config;
    this.#readConfig = readConfig;
    this.#umask = umask;
    this.#state = state;
    this.#log = log;
  }

  get stopped(): Promise<number> {
    return this.#stopped.promise;
  }

  async start(): Promise<void> {
    const { store, audit } = await this.#openStore();
    const worker = await this.#openWorker();
    const identity = this.#identity();
    const { limits, access } = this.#config;
    const tokens = await this.#openTokens(store);
    const authority = new Authority({ root: this.#state.root, named: tokens });
    const metrics = this.#makeMetrics(worker, audit);
    this.#readiness = new Readiness({
      store: async () => {
        await store.check();
        return audit.isWell;
      },
      session_host: async () => worker.isLinked,
    });
    const fleet = await this.#openFleet({ store, worker, identity });
    const presets = new Presets(this.#config.presets);
    const reloading = new Reloading({ read: this.#readConfig, fleet, presets, log: this.#log });
    this.#events = await EventKeeping.open({ store, fleet, own: identity, log: this.#log });
    this.#hub = new Hub({
      fleet,
      events: this.#events.feed,
      waits: await Waits.open({ fleet, store, ownId: identity.id, log: this.#log }),
      metrics,
      readiness: this.#readiness,
      identity,
      persistence: this.#openPersistence(worker),
      limits,
      tokens,
      presets,
      auth: { authority, ownUrl: () => identity.localUrl, basePrefix: access.basePrefix },
      documents: {
        openapi: () => openapiDocument(FLEETTY_VERSION, access.basePrefix),
        guide: () => apiGuide(FLEETTY_VERSION, access.basePrefix),
      },
      onReload: () => reloading.reload(),
      onShutdown: (options) => setImmediate(() => void this.stop(options)),
    });
    const audited = new AuditedCalls(new MeteredCalls(this.#hub, metrics), audit);
    this.#calls = new KeyedCalls({ calls: audited, store, worker, log: this.#log });
    await this.#calls.settle();
    const onAnswered = this.#whenAnswered(metrics);
    this.#faces = await this.#openFaces({ calls: this.#calls, fleet, worker, identity, authority, onAnswered });
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.on(signal, () => void this.stop({ endSessions: false }));
    // Also sent when the terminal that started it has gone: nothing ends with that.
    process.on("SIGHUP", () => this.#renewCertificate());
    process.on("SIGHUP", () => void reloading.reloadUnasked());
    this.#greet(worker.liveCount);
  }

  async stop(options: { endSessions: boolean }): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#readiness?.stop();
    this.#persistence?.stop();
    this.#log.info({ end_sessions: options.endSessions }, "stopping");
    const steps = [
      () => (options.endSessions ? this.#worker?.endAll({ ...hubCall(), deadlineMs: END_SESSIONS_MS }) : undefined),
      () => this.#hub?.close(),
      () => this.#events?.close(),
      () => this.#fleet?.close(),
      () => this.#faces?.close({ graceMs: STOP_GRACE_MS }),
      () => this.#calls?.close(),
      () => this.#worker?.close(),
      () => this.#audit?.close(),
      () => this.#tokens?.close(),
      () => this.#store?.close(),
      () => this.#state.lock.release(),
    ];
    const failures = [];
    for (const step of steps) {
      try {
        await step();
      } catch (err) {
        failures.push(err);
        this.#log.error({ err }, "the server did not stop cleanly");
      }
    }
    this.#stopped.resolve(failures.length === 0 ? 0 : 1);
  }

  async #openStore(): Promise<{ store: HubStore; audit: AuditLog }> {
    const store = new SqliteHubStore({ path: join(this.#config.paths.stateDir, "hub.db") });
    this.#store = store;
    await store.check();
    const audit = new AuditLog({ store, log: this.#log });
    this.#audit = audit;
    await audit.expire(Date.now());
    return { store, audit };
  }

  async #openTokens(store: HubStore): Promise<NamedTokens> {
    this.#tokens = await NamedTokens.open({ store, log: this.#log });
    return this.#tokens;
  }

  #makeMetrics(worker: LocalWorker, audit: AuditLog): Metrics {
    return new Metrics({
      sessions: async () => (await worker.call("sessions.list", { include: ["exited"] }, hubCall())) as SessionInfo[],
      viewers: () => this.#hub?.watching.places.total ?? 0,
      eventStreams: () => this.#events?.feed.streams ?? 0,
      unwritten: () => audit.waiting,
    });
  }

  #whenAnswered(metrics: Metrics): OnAnswered {
    const log = this.#config.logsAccess ? accessLog(this.#log) : null;
    return (answered) => {
      metrics.answered(answered);
      log?.(answered);
    };
  }

  async #openWorker(): Promise<LocalWorker> {
    const { serverId, sealingKey } = this.#state;
    this.#worker = await openLocalWorker({
      config: this.#config,
      serverId,
      sealingKey,
      umask: this.#umask,
      log: this.#log,
    });
    return this.#worker;
  }

  #identity(): ServerIdentity {
    const { hostname, instance } = this.#config;
    return new ServerIdentity({
      id: this.#state.serverId,
      hostname,
      version: FLEETTY_VERSION,
      instance,
    });
  }

  async #openFleet({ store, worker, identity }: FleetParts): Promise<Fleet> {
    const { id, startId, hostname } = identity;
    this.#fleet = await Fleet.open({
      store,
      worker,
      own: { id, startId, hostname, key: this.#state.serverKey, lostAfterMs: this.#config.memberSilenceMs },
      config: fleetConfigOf(this.#config),
      status: () => machineStatus(this.#config),
      routeOmitted: this.#config.routeOmitted,
      sealed: new SealedTexts(this.#state.sealingKey),
      onJoin: (attempt) => void this.#audit?.record(joinEntry(attempt, Date.now())),
      log: this.#log,
    });
    return this.#fleet;
  }

  async #openFaces({ fleet, worker, identity, ...parts }: FacesParts): Promise<Faces> {
    const { paths, binds, hostname, access, toolPrefix } = this.#config;
    const { certificateFiles } = access;
    const certificate = certificateFiles && readCertificate(certificateFiles);
    await claimSocket(paths.socket);
    const compatSocketPath = await claimCompatSocket(this.#config, this.#log);
    const faces = await openFaces({
      ...parts,
      reception: fleet.reception,
      log: this.#log,
      socketPath: paths.socket,
      compatSocketPath,
      binds,
      hostname,
      access: { ...access, certificate },
      mcp: { version: FLEETTY_VERSION, toolPrefix },
      link: {
        fleet,
        key: this.#state.serverKey,
        status: () => machineStatus(this.#config),
        facts: linkFacts({ id: identity.id, startId: identity.startId, hostname, worker }),
      },
    });
    const [tcpAddress = null] = faces.tcpAddresses;
    identity.listensOn({ socketPath: paths.socket, tcpAddress, localUrl: tcpAddress && this.#urlAt(tcpAddress) });
    return faces;
  }

  /** As this machine's own programs reach it: an address that stands for all of them is no destination. */
  #urlAt(tcpAddress: string): string {
    const scheme = this.#config.access.certificateFiles ? "https" : "http";
    return `${scheme}://${tcpAddress.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "[::1]:")}`;
  }

  /** New connections get the certificate that is in the files now; one that cannot be used changes nothing. */
  #renewCertificate(): void {
    const { certificateFiles } = this.#config.access;
    if (!certificateFiles) return;
    try {
      this.#faces?.useCertificate(readCertificate(certificateFiles));
      this.#log.info({ cert: certificateFiles.cert }, "the certificate was read again");
    } catch (err) {
      this.#log.error({ err }, "the certificate cannot be used; the one before stays");
    }
  }

  #openPersistence(worker: LocalWorker): Persistence {
    const persistence = new Persistence({
      isPersistent: !this.#config.isEphemeral,
      liveSessions: () => worker.liveCount,
      sockets: () => this.#faces?.openSockets() ?? 0,
      onOver: () => void this.stop({ endSessions: false }),
    });
    this.#persistence = persistence;
    worker.events(({ type }) => type === "session.exited" && persistence.sessionEnded());
    return persistence;
  }

  #greet(adopted: number): void {
    const { instance, paths, isSocketChosen, access, notifySocket, hasGrants } = this.#config;
    const { basePrefix, isOpen, plaintextBinds } = access;
    const tcpAddresses = this.#faces?.tcpAddresses ?? [];
    this.#log.info({ socket: paths.socket, tcp: tcpAddresses, sessions: adopted, version: FLEETTY_VERSION }, "ready");
    if (plaintextBinds.length > 0)
      this.#log.warn({ binds: plaintextBinds }, "TCP beyond loopback is not encrypted; see --tls-cert");
    if (hasGrants)
      this.#log.warn("[grants] bounds a fleetty worker alone; what a hub may ask of this server, its token says");
    // Nobody is there to be welcomed.
    if (notifySocket !== undefined) return tellManager({ notifySocket, who: "server", log: this.#log });
    const facts = {
      version: FLEETTY_VERSION,
      instance,
      socket: paths.socket,
      isSocketChosen,
      urls: tcpAddresses.map((address) => this.#urlAt(address) + basePrefix),
      tokenFrom: isOpen ? null : this.#state.root.from,
      plaintextBinds,
      adopted,
    };
    // Whoever started it may read no more of it.
    process.stdout.on("error", () => {});
    process.stdout.write(welcome(facts));
  }
}

interface FleetParts {
  readonly store: HubStore;
  readonly worker: LocalWorker;
  readonly identity: ServerIdentity;
}

interface FacesParts {
  readonly calls: HubCalls;
  readonly fleet: Fleet;
  readonly worker: LocalWorker;
  readonly identity: ServerIdentity;
  readonly authority: Authority;
  readonly onAnswered: OnAnswered;
}
