// Opens the folders of an instance: private ones, the lock, the id, the root token. Whoever holds the result is the only
// server of this instance.
import { dirname, join } from "node:path";
import { ServerKey } from "@fleetty/carrier/server-key";
import type { RootToken } from "@fleetty/hub/auth/authority";
import { FleettyError } from "@fleetty/protocol/errors";
import type { RuntimePaths } from "@fleetty/protocol/runtime-paths";
import type { Secret } from "@fleetty/protocol/secret";
import { type InstanceLock, lockInstance } from "@fleetty/worker/state/instance-lock";
import { keptKey, keptServerId, keptServerKey } from "@fleetty/worker/state/kept-files";
import { privateFolder } from "@fleetty/worker/state/private-folder";
import type { ServerConfig } from "./config.ts";
import { rootToken } from "./root-token.ts";

export interface OpenState {
  readonly lock: InstanceLock;
  readonly serverId: string;
  readonly root: RootToken;
  /** Proves to other servers that this is the one they met. */
  readonly serverKey: ServerKey;
  /** Seals what is kept: the tokens of members, and secrets. */
  readonly sealingKey: Secret;
}

/** What a worker without faces has of it: nobody comes in with a token. */
export type OpenWorkerState = Omit<OpenState, "root">;

/** Throws `forbidden` for folders that are not private, `not_ready` when another server holds the instance. */
export function openState({ paths, tokens }: Pick<ServerConfig, "paths" | "tokens">): OpenState {
  privateFolder(paths.runtimeDir);
  privateFolder(dirname(paths.socket));
  return {
    ...openWorkerState(paths),
    root: rootToken(tokens, paths.stateDir),
  };
}

/** Throws as `openState` does. */
export function openWorkerState({ runtimeDir, stateDir }: RuntimePaths): OpenWorkerState {
  privateFolder(runtimeDir);
  privateFolder(stateDir);
  return {
    lock: lockInstance(join(stateDir, "lock.db")),
    serverId: keptServerId(join(stateDir, "id")),
    serverKey: serverKey(join(stateDir, "server.key")),
    sealingKey: keptKey(join(stateDir, "secret.key")),
  };
}

function serverKey(path: string): ServerKey {
  try {
    return ServerKey.fromPem(keptServerKey(path, ServerKey.makePem));
  } catch (thrown) {
    if (thrown instanceof FleettyError) throw thrown;
    const message = `${path} does not hold an Ed25519 key; restore it, or remove it and approve this server anew at its hubs`;
    throw new FleettyError("invalid_request", message, { field: "server_key" }, { cause: thrown });
  }
}
