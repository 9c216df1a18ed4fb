// Reads what the command line takes from its environment: the one place that does. Decides nothing.
import { type FileFacts, factsOf, folderProblem } from "@fleetty/protocol/private-folder";

/** What the environment says, as it stands. Empty values count as absent. */
export interface Environment {
  /** FLEETTY_URL: the server to speak to, unless the command says another. */
  readonly url: string | undefined;
  /** FLEETTY_TOKEN: the token for it. */
  readonly token: string | undefined;
  /** XDG_RUNTIME_DIR: where sockets lie. */
  readonly runtimeHome: string | undefined;
  /** XDG_STATE_HOME: where lasting files lie. */
  readonly stateHome: string | undefined;
  readonly home: string;
  /** PATH: where commands are found. */
  readonly path: string;
}

/**
 * Has what is said to `wsh` by WSH_TOKEN and the like said to us, by FLEETTY_TOKEN, which counts for less: whoever calls us by
 * that name means these. WSH_SERVER_NAME, the instance, has no other form.
 */
export function takeWshVariables(): { readonly serverName: string | undefined } {
  const { env } = process;
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("WSH_") || !value) continue;
    env[name.replace("WSH_", "FLEETTY_")] = value;
    delete env[name];
  }
  const serverName = env["FLEETTY_SERVER_NAME"] || undefined;
  delete env["FLEETTY_SERVER_NAME"];
  return { serverName };
}

/** FLEETTY_REPORT: by which what is reported is believed; only programs of a session have it. */
export function readReporting(): { readonly nonce: string | undefined } {
  return { nonce: process.env["FLEETTY_REPORT"] || undefined };
}

export function readEnvironment(): Environment {
  const { env } = process;
  return {
    url: env["FLEETTY_URL"] || undefined,
    token: env["FLEETTY_TOKEN"] || undefined,
    runtimeHome: env["XDG_RUNTIME_DIR"] || undefined,
    stateHome: env["XDG_STATE_HOME"] || undefined,
    home: env["HOME"] || "/",
    path: env["PATH"] ?? "",
  };
}

/**
 * Hosts of agents hand on few variables, and XDG_RUNTIME_DIR is none of them; where the system keeps a private folder for the
 * user (pam_systemd(8)), that one was meant. Without it, another server would be started beside the user's own.
 */
export function standInForRuntimeHome(lookAt = factsAt): void {
  const uid = process.getuid?.();
  if (uid === undefined || process.env["XDG_RUNTIME_DIR"]) return;
  const folder = `/run/user/${uid}`;
  const facts = lookAt(folder);
  if (facts && folderProblem(folder, facts, uid) === null) process.env["XDG_RUNTIME_DIR"] = folder;
}

function factsAt(path: string): FileFacts | null {
  const stats = process.getBuiltinModule("node:fs").lstatSync(path, { throwIfNoEntry: false });
  return stats ? factsOf(stats) : null;
}
