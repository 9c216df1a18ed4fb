// Decides where the files of an instance lie, from its name and the user's environment. Pure; touches no file.
import { FleettyError } from "./errors.ts";

/** What of the environment decides about paths. */
export interface PathsInput {
  readonly instance: string;
  readonly uid: number;
  readonly home: string;
  /** XDG_RUNTIME_DIR, XDG_STATE_HOME, XDG_CONFIG_HOME; absent or empty: the default of each. */
  readonly runtimeHome?: string | undefined;
  readonly stateHome?: string | undefined;
  readonly configHome?: string | undefined;
}

export interface RuntimePaths {
  /** `$XDG_RUNTIME_DIR/fleetty`, else `/tmp/fleetty-<uid>`; made private by whoever uses it. */
  readonly runtimeDir: string;
  readonly socket: string;
  /** `$XDG_RUNTIME_DIR/wsh/…`, else `/tmp/wsh/…`: where programs look that were written for the wsh API; shorter than the other. */
  readonly compatSocket: string;
  readonly stateDir: string;
  readonly configFile: string;
}

const INSTANCE = /^[A-Za-z0-9_-]{1,32}$/;
/** sun_path holds 108 bytes on Linux and 104 on macOS, terminator included (unix(7)); some room for a suffix. */
export const SOCKET_PATH_MAX_BYTES = 100;

/** Throws `invalid_request` for an instance name that is none, and for a socket path that the kernel could not take. */
export function runtimePaths(input: PathsInput): RuntimePaths {
  const { instance, uid, home } = input;
  if (!INSTANCE.test(instance)) {
    const message = `instance name ${JSON.stringify(instance)} is not usable; take 1 to 32 letters, digits, "-" and "_"`;
    throw new FleettyError("invalid_request", message, { field: "instance" });
  }
  const runtimeDir = input.runtimeHome ? `${input.runtimeHome}/fleetty` : `/tmp/fleetty-${uid}`;
  return {
    runtimeDir,
    socket: checkSocketPath(`${runtimeDir}/${instance}.http.sock`),
    compatSocket: `${input.runtimeHome || "/tmp"}/wsh/${instance}.http.sock`,
    stateDir: `${input.stateHome || `${home}/.local/state`}/fleetty/${instance}`,
    configFile: `${input.configHome || `${home}/.config`}/fleetty/config.toml`,
  };
}

/** Returns the path, or refuses one that is longer than a socket's name can be, and says how to have another. */
export function checkSocketPath(path: string, mend = "use a shorter XDG_RUNTIME_DIR or --socket"): string {
  const bytes = new TextEncoder().encode(path).byteLength;
  if (bytes <= SOCKET_PATH_MAX_BYTES) return path;
  const message = `socket path ${path} has ${bytes} bytes, a socket's name takes ${SOCKET_PATH_MAX_BYTES}; ${mend}`;
  throw new FleettyError("invalid_request", message, { field: "socket", max: SOCKET_PATH_MAX_BYTES });
}
