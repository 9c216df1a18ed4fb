// Opens the folders of an instance: private ones, the lock, the id, the root token. Whoever holds the result is the only
// server of this instance.
import { dirname, join } from "node:path";
import type { RootToken } from "@fleetty/hub/auth/authority";
import { type InstanceLock, lockInstance } from "@fleetty/worker/state/instance-lock";
import { keptServerId } from "@fleetty/worker/state/kept-files";
import { privateFolder } from "@fleetty/worker/state/private-folder";
import type { ServerConfig } from "./config.ts";
import { rootToken } from "./root-token.ts";

export interface OpenState {
  readonly lock: InstanceLock;
  readonly serverId: string;
  readonly root: RootToken;
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
  };
}
