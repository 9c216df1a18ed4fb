// Decides how a server is to run, from its flags and its surroundings: one schema, in the order in which an operator meets
// the questions. Parsed once; what it does not know is refused by name. `--help` prints from it.
import { homedir, hostname } from "node:os";
import { parseArgs } from "node:util";
import { FleettyError } from "@fleetty/protocol/errors";
import { checkSocketPath, type RuntimePaths, runtimePaths } from "@fleetty/protocol/runtime-paths";
import { Secret } from "@fleetty/protocol/secret";
import * as z from "zod";
import type { Globals } from "../globals.ts";
import { type AccessConfig, accessFlags, readAccess } from "./access-flags.ts";
import type { TokenSources } from "./root-token.ts";

const flags = z.strictObject({
  bind: z
    .array(z.string())
    .default([])
    .describe("also listen on TCP at host:port, with the root token (repeatable; port 0 takes a free one)"),
  "token-file": z
    .string()
    .optional()
    .describe("file with the root token; also $FLEETTY_TOKEN (default: made in the state folder at first start)"),
  token: z.string().optional().describe("the root token itself, which every process list then shows"),
  ...accessFlags,
  hostname: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, "is no hostname")
    .optional()
    .describe("name of this server (default: the system's)"),
  "max-sessions": z.coerce.number().int().min(1).max(10_000).default(256).describe("live sessions at once"),
  "output-ring": z.coerce
    .number()
    .int()
    .min(64 * 1024)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe("bytes of recent output kept for each session"),
  "max-viewers": z.coerce.number().int().min(1).max(100_000).default(1024).describe("viewers at once"),
  "max-session-viewers": z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe("viewers of one session at once"),
  ephemeral: z.boolean().default(false).describe("exit when the last session ends, or after 60 s without any"),
  "log-level": z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("what the log says, as JSON lines on stderr"),
});

type Flags = z.infer<typeof flags>;

export interface ServerConfig {
  readonly instance: string;
  readonly paths: RuntimePaths;
  /** By --socket, rather than from the instance's name. */
  readonly isSocketChosen: boolean;
  readonly binds: readonly { readonly host: string; readonly port: number }[];
  readonly tokens: TokenSources;
  readonly access: AccessConfig;
  readonly hostname: string;
  readonly maxSessions: number;
  readonly ringBytes: number;
  readonly limits: { readonly viewers: number; readonly viewersPerSession: number };
  readonly isEphemeral: boolean;
  readonly logLevel: Flags["log-level"];
  /** Ours, from which an allow list passes to sessions. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Name, form and meaning of each flag, for `--help`. */
export function describeFlags(): { flag: string; says: string }[] {
  return Object.entries(flags.shape).map(([name, schema]) => {
    const byDefault = defaultOf(schema);
    const isTold = typeof byDefault === "number" || (typeof byDefault === "string" && byDefault !== "");
    const hint = isTold ? ` (default: ${byDefault})` : "";
    const says = `${schema.description ?? ""}${hint}`;
    return { flag: typeof byDefault === "boolean" ? `--${name}` : `--${name} <value>`, says };
  });
}

/** Tells of a flag what it is: a switch has a boolean, one that is repeatable a list. */
function defaultOf(schema: z.ZodType): unknown {
  return schema.safeParse(undefined).data;
}

/** Throws `invalid_request` naming the flag. */
export function readServerConfig(args: readonly string[], globals: Globals): ServerConfig {
  const read = flags.safeParse(rawFlags(args));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw refused(`--${String(issue?.path[0] ?? "")}`, issue?.message ?? "is not usable");
  }
  const { env } = process;
  const instance = globals.instance ?? "default";
  const binds = read.data.bind.map(parseBind);
  const paths = runtimePaths({
    instance,
    uid: process.getuid?.() ?? 0,
    home: homedir(),
    runtimeHome: env["XDG_RUNTIME_DIR"],
    stateHome: env["XDG_STATE_HOME"],
    configHome: env["XDG_CONFIG_HOME"],
  });
  return {
    instance,
    paths: globals.socket === undefined ? paths : { ...paths, socket: checkSocketPath(globals.socket) },
    isSocketChosen: globals.socket !== undefined,
    binds,
    tokens: {
      flag: secretOf(read.data.token),
      file: read.data["token-file"] ?? globals.tokenFile,
      environment: secretOf(env["FLEETTY_TOKEN"] || undefined),
    },
    access: readAccess(read.data, binds),
    hostname: read.data.hostname ?? hostname(),
    maxSessions: read.data["max-sessions"],
    ringBytes: read.data["output-ring"],
    limits: { viewers: read.data["max-viewers"], viewersPerSession: read.data["max-session-viewers"] },
    isEphemeral: read.data.ephemeral,
    logLevel: read.data["log-level"],
    environment: env,
  };
}

function rawFlags(args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(flags.shape).map(([name, schema]) => {
      const byDefault = defaultOf(schema);
      const isSwitch = typeof byDefault === "boolean";
      return [
        name,
        isSwitch ? { type: "boolean" as const } : { type: "string" as const, multiple: Array.isArray(byDefault) },
      ];
    }),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (thrown) {
    throw new FleettyError("invalid_request", `${(thrown as Error).message}; see fleetty server --help`);
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

function parseBind(text: string): { host: string; port: number } {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (!parts || port > 65_535) throw refused("--bind", `${JSON.stringify(text)} is not host:port`);
  return { host: (parts[1] ?? parts[2]) as string, port };
}

function refused(flag: string, problem: string): FleettyError {
  return new FleettyError("invalid_request", `${flag}: ${problem}; see fleetty server --help`, { field: flag });
}
