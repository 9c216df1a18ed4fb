// Opens the folders of an instance: private ones, the lock, the id, the root token. Whoever holds the result is the only
// server of this instance.
import { dirname, join } from "node:path";
import type { Secret } from "@fleetty/protocol/secret";
import { type InstanceLock, lockInstance } from "@fleetty/worker/state/instance-lock";
import { keptRootToken, keptServerId, readToken } from "@fleetty/worker/state/kept-files";
import { privateFolder } from "@fleetty/worker/state/private-folder";
import type { ServerConfig } from "./config.ts";

export interface OpenState {
  readonly lock: InstanceLock;
  readonly serverId: string;
  readonly token: Secret;
  readonly tokenPath: string;
}

/** Throws `forbidden` for folders that are not private, `not_ready` when another server holds the instance. */
export function openState({ paths, tokenFile }: ServerConfig): OpenState {
  privateFolder(paths.runtimeDir);
  privateFolder(dirname(paths.socket));
  privateFolder(paths.stateDir);
  const lock = lockInstance(join(paths.stateDir, "lock.db"));
  const tokenPath = tokenFile ?? join(paths.stateDir, "token");
  return {
    lock,
    serverId: keptServerId(join(paths.stateDir, "id")),
    token: tokenFile === undefined ? keptRootToken(tokenPath) : readToken(tokenPath),
    tokenPath,
  };
}
