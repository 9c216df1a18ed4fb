// Decides what the options that every command has say, and to which server they lead. Reads a token file; dials nothing.
import { resolve } from "node:path";
import type { UrlOptions } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import { checkSocketPath, runtimePaths } from "@fleetty/protocol/runtime-paths";
import type { Environment } from "./config.ts";

/** Options of every command, as given. */
export interface Globals {
  /** `-L NAME`: which instance on this machine. */
  readonly instance?: string;
  readonly socket?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  /** Certificates to trust instead of the system's. */
  readonly caFile?: string;
  readonly json?: boolean;
}

/** Their spellings; those with a value name it. Help prints from it. */
export const globalOptions = [
  {
    flags: ["-L", "--instance"],
    member: "instance",
    value: "NAME",
    says: "instance on this machine (default: default)",
  },
  { flags: ["--socket"], member: "socket", value: "PATH", says: "unix socket of the server" },
  { flags: ["--url"], member: "url", value: "URL", says: "server over HTTP(S); also $FLEETTY_URL" },
  { flags: ["--token-file"], member: "tokenFile", value: "FILE", says: "file with the token; also $FLEETTY_TOKEN" },
  {
    flags: ["--ca-file"],
    member: "caFile",
    value: "FILE",
    says: "trust these certificates (PEM) for https, and no others; $NODE_EXTRA_CA_CERTS adds some to the system's",
  },
  { flags: ["--json"], member: "json", value: null, says: "print the answer as it came" },
] as const satisfies readonly GlobalOption[];

interface GlobalOption {
  readonly flags: readonly string[];
  readonly member: keyof Globals;
  readonly value: string | null;
  readonly says: string;
}

/** Takes one global option off the front of `args`; null when there is none. Throws `invalid_request` without its value. */
export function takeGlobal(args: readonly string[]): { globals: Globals; taken: number } | null {
  const [first = "", second] = args;
  const glued = /^(--[a-z-]+)=(.*)$/s.exec(first) ?? /^(-L)(.+)$/s.exec(first);
  const flag = glued?.[1] ?? first;
  const option = globalOptions.find(({ flags }) => (flags as readonly string[]).includes(flag));
  if (!option) return null;
  if (option.value === null) return { globals: { [option.member]: true }, taken: 1 };
  const value = glued?.[2] ?? second;
  if (value === undefined) throw new FleettyError("invalid_request", `${flag} needs a value: ${flag} ${option.value}`);
  return { globals: { [option.member]: value }, taken: glued ? 1 : 2 };
}

/** Takes every global option out of `args`, wherever it stands before `--`. */
export function splitGlobals(args: readonly string[], before: Globals): { globals: Globals; rest: string[] } {
  let globals = before;
  const rest: string[] = [];
  for (let at = 0; at < args.length; ) {
    if (args[at] === "--") return { globals, rest: [...rest, ...args.slice(at)] };
    const found = takeGlobal(args.slice(at));
    if (found) globals = { ...globals, ...found.globals };
    else rest.push(args[at] as string);
    at += found?.taken ?? 1;
  }
  return { globals, rest };
}

/** A server of this user on this machine, which can be started when it does not run. */
export interface LocalDestination {
  readonly kind: "local";
  readonly instance: string;
  /** Absolute path of its socket. */
  readonly socket: string;
  /** Whether the user chose the socket, so that a server has to be told. */
  readonly isSocketChosen: boolean;
  /** The instance's lasting files. */
  readonly stateDir: string;
}

/** Where the command leads: a URL by flag, then a socket or instance by flag, then the environment's URL, then `default`. */
export type Destination = LocalDestination | { readonly kind: "url"; readonly options: UrlOptions };

/** Throws `invalid_request` for an instance that cannot be named so, or a file that cannot be read. */
export function destinationOf(globals: Globals, environment: Environment): Destination {
  const isLocal = globals.socket !== undefined || globals.instance !== undefined;
  const url = globals.url ?? (isLocal ? undefined : environment.url);
  if (url !== undefined) {
    const ca = globals.caFile === undefined ? undefined : textOf("certificate", globals.caFile);
    return { kind: "url", options: { url, token: tokenOf(globals, environment), ca } };
  }
  const { instance = "default", socket } = globals;
  const paths = runtimePaths({ instance, uid: process.getuid?.() ?? 0, ...environment });
  return {
    kind: "local",
    instance,
    socket: socket === undefined ? paths.socket : checkSocketPath(resolve(socket)),
    isSocketChosen: socket !== undefined,
    stateDir: paths.stateDir,
  };
}

function tokenOf(globals: Globals, environment: Environment): string | undefined {
  return globals.tokenFile === undefined ? environment.token : textOf("token", globals.tokenFile).trim();
}

function textOf(what: string, file: string): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(file, "utf8");
  } catch (cause) {
    throw new FleettyError("invalid_request", `the ${what} file ${file} cannot be read`, undefined, { cause });
  }
}
