// Runs a worker in this process: opens the instance's state and its worker, and the way to its hub, in this order, and closes them
// in the other. It dials the hub and listens nowhere, or listens for it on a private socket and nowhere else.
//
//   starting ──worker open──► dialling or listening, and serving ──SIGTERM, SIGINT, or not let in for ever──► stopping ──► stopped
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JoinCode } from "@fleetty/carrier/join-code";
import { AuditLog } from "@fleetty/hub/audit/audit-log";
import { recordCall } from "@fleetty/hub/audit/record-call";
import type { HubStore } from "@fleetty/hub/store/hub-store";
import { SqliteHubStore } from "@fleetty/hub/store/sqlite-hub-store";
import { FleettyError } from "@fleetty/protocol/errors";
import { findOperation, operations } from "@fleetty/protocol/operations";
import { type HubAddress, readHubAddress } from "@fleetty/worker/hub-link/hub-address";
import { HubLink } from "@fleetty/worker/hub-link/hub-link";
import { HubListening } from "@fleetty/worker/hub-link/hub-listen";
import { type HubRecord, readHubRecord, writeHubRecord } from "@fleetty/worker/hub-link/hub-record";
import { type AskedOverLink, type ServedLink, ServedWorker } from "@fleetty/worker/hub-link/served-worker";
import { FLEETTY_VERSION } from "@fleetty/worker/version";
import type { LocalWorker } from "@fleetty/worker/worker/local-worker";
import type { Logger } from "pino";
import { writeOut } from "../print/output.ts";
import type { ProcessOptions } from "../process-commands.ts";
import { notStarted } from "../server/not-started.ts";
import { openLog } from "../server/process-life.ts";
import { linkFacts, machineStatus, openLocalWorker, tellManager } from "../server/process-parts.ts";
import { type OpenWorkerState, openWorkerState } from "../server/state-folder.ts";
import { type HubChoice, readWorkerConfig, type WorkerConfig } from "./config.ts";
import { workerHelp } from "./help.ts";
import { joinCodeOf } from "./join-code-input.ts";

/** Resolves with the exit code once the worker has stopped. Rejects when it could not start, or is not let in for ever. */
export async function runWorker({ globals, args }: ProcessOptions): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    await writeOut(workerHelp());
    return 0;
  }
  const config = readWorkerConfig(args, globals);
  // Ours is for our own files; programs in sessions keep that of the user.
  const umask = process.umask(0o077);
  try {
    const code = config.hub.kind === "join" ? await joinCodeOf(config.hub) : null;
    const state = openWorkerState(config.paths);
    return await run(new RunningWorker({ config, umask, state, code, log: openLog(config) }));
  } catch (thrown) {
    throw notStarted(thrown, config);
  }
}

async function run(worker: RunningWorker): Promise<number> {
  try {
    await worker.start();
  } catch (thrown) {
    await worker.stop(null);
    throw thrown;
  }
  return worker.stopped;
}

interface WorkerParts {
  readonly config: WorkerConfig;
  /** Of whoever started the worker. */
  readonly umask: number;
  readonly state: OpenWorkerState;
  readonly code: JoinCode | null;
  readonly log: Logger;
}

/** The hub that is dialled, and whose certificates are trusted for it. */
interface DialledHub {
  readonly kind: "dialled";
  readonly address: HubAddress;
  readonly caFile: string | null;
  readonly record: HubRecord | null;
}

type Hub = DialledHub | Extract<HubChoice, { kind: "listen" }>;

/** How this worker and its hubs meet, once it may begin. */
interface Meeting {
  start(): void | Promise<void>;
  close(): void;
}

class RunningWorker {
  readonly #parts: WorkerParts;
  /** New at each start. */
  readonly #startId = randomUUID();
  readonly #stopped = Promise.withResolvers<number>();
  #worker: LocalWorker | null = null;
  #store: HubStore | null = null;
  #audit: AuditLog | null = null;
  #meeting: Meeting | null = null;
  #isStopping = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Resolves with the exit code; rejects with why it was not let in. */
  get stopped(): Promise<number> {
    return this.#stopped.promise;
  }

  async start(): Promise<void> {
    const hub = this.#hub();
    const worker = await this.#openWorker();
    this.#meeting = this.#meet(hub, { worker, audit: await this.#openAudit() });
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void this.stop(null));
    // Sent when the terminal that started it has gone: nothing ends with that.
    process.on("SIGHUP", () => {});
    await this.#meeting.start();
    const { log, config } = this.#parts;
    const met = hub.kind === "listen" ? { socket: hub.socketPath } : { hub: hub.address.text };
    log.info({ ...met, sessions: worker.liveCount, version: FLEETTY_VERSION }, "ready");
    const { notifySocket } = config;
    if (notifySocket !== undefined) tellManager({ notifySocket, who: "worker", log });
  }

  /** `why`: it was not let in, and never will be. */
  async stop(why: FleettyError | null): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { log, state } = this.#parts;
    log.info("stopping");
    let code = 0;
    const steps = [
      () => this.#meeting?.close(),
      () => this.#worker?.close(),
      () => this.#audit?.close(),
      () => this.#store?.close(),
      () => state.lock.release(),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (err) {
        code = 1;
        log.error({ err }, "the worker did not stop cleanly");
      }
    }
    if (why) this.#stopped.reject(why);
    else this.#stopped.resolve(code);
  }

  get #recordPath(): string {
    return join(this.#parts.config.paths.stateDir, "hub.json");
  }

  #hub(): Hub {
    const { hub, caFile } = this.#parts.config;
    if (hub.kind === "listen") return hub;
    const record = readHubRecord(this.#recordPath);
    if (hub.kind === "join") return { kind: "dialled", address: hub.address, caFile, record };
    if (!record) throw notJoined(hub.address);
    const address = hub.address ?? readHubAddress(record.address);
    return { kind: "dialled", address, caFile: caFile ?? record.ca_file, record };
  }

  /** What hubs have asked of this machine is kept here too, whatever becomes of them. */
  async #openAudit(): Promise<AuditLog> {
    const { config, log } = this.#parts;
    const store = new SqliteHubStore({ path: join(config.paths.stateDir, "hub.db") });
    this.#store = store;
    await store.check();
    this.#audit = new AuditLog({ store, log });
    await this.#audit.expire(Date.now());
    return this.#audit;
  }

  async #openWorker(): Promise<LocalWorker> {
    const { config, umask, state, log } = this.#parts;
    this.#worker = await openLocalWorker({ config, ...state, umask, log });
    return this.#worker;
  }

  #meet(hub: Hub, served: { worker: LocalWorker; audit: AuditLog }): Meeting {
    const { config, state, code, log } = this.#parts;
    const { serverId: id, serverKey: key } = state;
    const serving = this.#serve(served);
    const common = {
      facts: linkFacts({ id, startId: this.#startId, hostname: config.hostname, worker: served.worker }),
      key,
      serve: (link: ServedLink) => serving.open(link),
      log,
    };
    if (hub.kind === "listen") return new HubListening({ ...common, socketPath: hub.socketPath });
    const { address, caFile, record } = hub;
    return new HubLink({
      ...common,
      address,
      ca: caFile === null ? null : { file: caFile, text: certificates(caFile) },
      join: code,
      record,
      keep: (kept) => writeHubRecord(this.#recordPath, kept),
      onOver: (why) => void this.stop(why),
    });
  }

  #serve({ worker, audit }: { worker: LocalWorker; audit: AuditLog }): ServedWorker {
    const { config, state, log } = this.#parts;
    const { hostname, grants, instance, slots } = config;
    const { serverId: id } = state;
    return new ServedWorker({
      worker,
      grants,
      id,
      hostname,
      log,
      status: () => machineStatus({ slots }),
      onAsked: (asked) => recordAsked(audit, asked),
      describe: () => ({
        hostname,
        version: FLEETTY_VERSION,
        server_id: this.#startId,
        id,
        product: "fleetty",
        api: 1,
        instance_name: instance,
        socket_path: "",
        tcp_addr: null,
        persistent: true,
      }),
    });
  }
}

/** `address`: where the configuration file says that the hub is. */
function notJoined(address: HubAddress | null): FleettyError {
  const hub = address?.text ?? "https://HUB";
  const fact = address ? `this worker has not joined ${hub} yet` : "this worker has joined no hub yet";
  const mend = `run fleetty worker --join ${hub} once, with a join code on standard input`;
  const orListen = address ? "" : ", or fleetty worker --listen SOCKET for a hub on this machine to dial";
  return new FleettyError("invalid_request", `${fact}; ${mend}${orListen}`, { field: "join" });
}

/** A start is what the hub has made of a create. */
async function recordAsked(audit: AuditLog, asked: AskedOverLink): Promise<void> {
  const { operation: name, input, actor, outcome, answer } = asked;
  const operation = name === "sessions.start" ? operations["sessions.create"] : findOperation(name);
  if (!operation) return;
  await recordCall(audit, {
    operation,
    input: (input ?? {}) as Readonly<Record<string, unknown>>,
    context: { caller: { actor }, requestId: null },
    outcome,
    answer,
  });
}

function certificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new FleettyError("invalid_request", `the certificate file ${path} cannot be read`, {}, { cause });
  }
}
