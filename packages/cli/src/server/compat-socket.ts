// Decides whether a server also listens where programs look for one that were written for the wsh API. The folder there is held
// to the same rules as our own, and nothing that somebody else has put there is touched: a server rather does without, says
// why, and starts. Asked only by the holder of the instance's lock.
import { dirname } from "node:path";
import { claimSocket } from "@fleetty/worker/state/claim-socket";
import { privateFolder } from "@fleetty/worker/state/private-folder";
import type { Logger } from "pino";
import type { ServerConfig } from "./config.ts";

/** Resolves with a path that is free to be listened on; with null where there is none, which the log says once. */
export async function claimCompatSocket(
  { paths, hasCompatSocket }: Pick<ServerConfig, "paths" | "hasCompatSocket">,
  log: Logger,
): Promise<string | null> {
  const { compatSocket: path } = paths;
  if (!hasCompatSocket) return null;
  try {
    privateFolder(dirname(path));
    await claimSocket(path, "leave this socket out with --no-compat-socket");
    return path;
  } catch (thrown) {
    log.warn({ socket: path, reason: (thrown as Error).message }, "no socket for programs written for the wsh API");
    return null;
  }
}
