// What server and worker are made of alike: the worker that runs this machine's sessions, what they tell a hub of the machine
// and of themselves, and word to a service manager. Decides neither when these open nor when they close.
import { arch, loadavg, platform } from "node:os";
import { join } from "node:path";
import { SealedTexts } from "@fleetty/carrier/sealed-text";
import { FEATURES } from "@fleetty/protocol/link";
import type { RuntimePaths } from "@fleetty/protocol/runtime-paths";
import type { Secret } from "@fleetty/protocol/secret";
import type { ConfiguredSecret } from "@fleetty/worker/secrets/configured-secret";
import { hostPrint } from "@fleetty/worker/state/host-print";
import { SqliteStore } from "@fleetty/worker/store/sqlite-store";
import { FLEETTY_VERSION } from "@fleetty/worker/version";
import { LocalWorker } from "@fleetty/worker/worker/local-worker";
import type { Logger } from "pino";
import { hostEnvironment } from "./host-environment.ts";
import { tellReady } from "./service-manager.ts";

interface LocalWorkerParts {
  readonly config: {
    readonly paths: RuntimePaths;
    readonly ringBytes: number;
    readonly hostname: string;
    readonly maxSessions: number;
    readonly maxHosts: number;
    readonly slots: number;
    /** Ours, from which an allow list passes to sessions. */
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** Names that pass besides. */
    readonly envPass: readonly string[];
    readonly secrets: ReadonlyMap<string, ConfiguredSecret>;
  };
  readonly serverId: string;
  /** Under which secrets are kept. */
  readonly sealingKey: Secret;
  /** Of whoever started the process. */
  readonly umask: number;
  readonly log: Logger;
}

export function openLocalWorker({ config, serverId, sealingKey, umask, log }: LocalWorkerParts): Promise<LocalWorker> {
  const { paths, ringBytes, hostname, maxSessions, maxHosts, slots, environment, envPass, secrets } = config;
  return LocalWorker.open({
    store: new SqliteStore(join(paths.stateDir, "worker.db")),
    stateDir: paths.stateDir,
    runtimeDir: paths.runtimeDir,
    serverId,
    ringBytes,
    hostname,
    maxSessions,
    maxHosts,
    slots,
    env: hostEnvironment(environment),
    umask,
    creation: { environment, passNames: envPass },
    secrets: { sealed: new SealedTexts(sealingKey), configured: secrets },
    log,
  });
}

/** As it is now. */
export function machineStatus({ slots }: { readonly slots: number }) {
  return { slots, load1: loadavg()[0] as number, os: platform(), arch: arch() };
}

interface LinkSide {
  readonly id: string;
  /** New at each start. */
  readonly startId: string;
  readonly hostname: string;
  readonly worker: LocalWorker;
}

/** What the hello of a link says, whichever side dials. */
export function linkFacts({ id, startId, hostname, worker }: LinkSide) {
  return {
    server: id,
    start_id: startId,
    hostname,
    incarnation: worker.incarnation,
    host_print: hostPrint(),
    version: FLEETTY_VERSION,
    features: [...FEATURES],
  };
}

interface Telling {
  readonly notifySocket: string;
  readonly who: "server" | "worker";
  readonly log: Logger;
}

/** One that cannot be told is no reason to stop. */
export function tellManager({ notifySocket, who, log }: Telling): void {
  try {
    tellReady(notifySocket);
  } catch (err) {
    log.warn({ err }, `the service manager cannot be told that the ${who} is ready`);
  }
}
