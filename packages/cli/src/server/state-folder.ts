// Opens the folders of an instance: private ones, the lock, the id, the root token. Whoever holds the result is the only
// server of this instance.
import { dirname, join } from "node:path";
import { ServerKey } from "@fleetty/carrier/server-key";
import type { RootToken } from "@fleetty/hub/auth/authority";
import { FleettyError } from "@fleetty/protocol/errors";
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
  /** Seals what is kept for others: the tokens of members. */
  readonly sealingKey: Secret;
}

/** Throws `forbidden` for folders that are not private, `not_ready` when another server holds the instance. */
export function openState({ paths, tokens }: ServerConfig): OpenState {
  privateFolder(paths.runtimeDir);
  privateFolder(dirname(paths.socket));
  privateFolder(paths.stateDir);
  const lock = lockInstance(join(paths.stateDir, "lock.db"));
  return {
    lock,
    serverId: keptServerId(join(paths.stateDir, "id")),
    root: rootToken(tokens, paths.stateDir),
    serverKey: serverKey(join(paths.stateDir, "server.key")),
    sealingKey: keptKey(join(paths.stateDir, "secret.key")),
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
