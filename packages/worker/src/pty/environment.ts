// Decides which variables a program gets: an allow list of this process's own, and what the caller asked for on top.
// Pure; whoever calls brings the environment. Values are secrets to everybody else and appear in no error.
import { FleettyError } from "@fleetty/protocol/errors";

type Environment = Record<string, string>;

const PASSED_NAMES = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "SSH_AUTH_SOCK"],
  ...["DISPLAY", "WAYLAND_DISPLAY", "EDITOR", "VISUAL", "PAGER"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
]);
const PASSED_PREFIXES = ["LC_", "XDG_"];
/** Tokens, keys and addresses of fleetty and of what it grew from: never passed on, whatever `env_pass` says. */
const OWN_PREFIXES = ["FLEETTY_", "ORCHESTRATOR_", "WSH_"];
/** What the emulator understands. */
const TERM = "xterm-256color";
/** POSIX, "Environment Variables", and what every shell can assign. */
const VALID_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface EnvironmentSources {
  /** The environment of the server or worker. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Further names that the operator lets pass (`env_pass`). */
  readonly passNames: readonly string[];
  /** What the caller asked for; wins over everything. */
  readonly asked: Readonly<Environment>;
}

/** The whole environment of a program. Throws `invalid_request {field: "env", name}` for a name or value that cannot be. */
export function sessionEnvironment({ inherited, passNames, asked }: EnvironmentSources): Environment {
  checkNames(asked);
  const passed = Object.entries(inherited).filter(([name]) => isPassed(name, passNames));
  const present = passed.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(present), TERM, ...asked };
}

function isPassed(name: string, passNames: readonly string[]): boolean {
  if (OWN_PREFIXES.some((prefix) => name.startsWith(prefix))) return false;
  return (
    PASSED_NAMES.has(name) || PASSED_PREFIXES.some((prefix) => name.startsWith(prefix)) || passNames.includes(name)
  );
}

function checkNames(asked: Readonly<Environment>): void {
  for (const [name, value] of Object.entries(asked)) {
    if (!VALID_NAME.test(name)) throw refusal(name, "is no name for a variable; use letters, digits and _");
    if (value.includes("\0")) throw refusal(name, "has a value that contains NUL; leave it out");
  }
}

function refusal(name: string, fact: string): FleettyError {
  return new FleettyError("invalid_request", `env ${JSON.stringify(name)} ${fact}`, { field: "env", name });
}
