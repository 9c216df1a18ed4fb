// Decides how a server is to run, from its flags, its environment and config.toml, in this order: one schema, in the order in
// which an operator meets the questions. Parsed once and frozen; what it does not know is refused by name. `--help` and
// docs/operating.md print from it.
import { availableParallelism, homedir, hostname } from "node:os";
import type { Preset } from "@fleetty/hub/presets/preset";
import { isToolPrefix, TOOL_PREFIX_RULE } from "@fleetty/protocol/names";
import { checkSocketPath, type RuntimePaths, runtimePaths } from "@fleetty/protocol/runtime-paths";
import { Secret } from "@fleetty/protocol/secret";
import type { ConfiguredSecret } from "@fleetty/worker/secrets/configured-secret";
import * as z from "zod";
import type { Globals } from "../globals.ts";
import { workerTablesIn } from "../worker/file-tables.ts";
import { workerFlags } from "../worker/flags.ts";
import { type AccessConfig, accessFlags, readAccess } from "./access-flags.ts";
import type { ConfigFile } from "./config-file.ts";
import { type FleetTables, fleetIn } from "./fleet-tables.ts";
import { presetsIn } from "./preset-tables.ts";
import type { TokenSources } from "./root-token.ts";
import { secretsIn } from "./secret-tables.ts";
import { type AllGiven, checked, type Given, type Setting, settingsOf, unusable } from "./settings.ts";
import { settingsIn } from "./settings-table.ts";
import { fileSetting, waysIn } from "./ways.ts";

const flags = z.strictObject({
  bind: z
    .array(z.string())
    .default([])
    .describe("also listen on TCP at host:port, with the root token (repeatable; port 0 takes a free one)"),
  "no-compat-socket": z
    .boolean()
    .default(false)
    .describe("leave out the second unix socket, wsh/<instance>.http.sock, for programs written for the wsh API"),
  "token-file": z
    .string()
    .optional()
    .describe("file with the root token (default: made in the state folder at first start)"),
  token: z.string().optional().describe("the root token itself, which every process list then shows"),
  ...accessFlags,
  hostname: workerFlags.hostname,
  "max-sessions": workerFlags["max-sessions"],
  "session-hosts": workerFlags["session-hosts"],
  slots: workerFlags.slots,
  "env-pass": workerFlags["env-pass"],
  "member-silence-ms": z.coerce
    .number()
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(30_000)
    .describe("silence after which a member is unavailable; it is probed after a third of that"),
  "route-omitted": z
    .enum(["fleet", "local"])
    .default("fleet")
    .describe("where a session's name without a server is looked for: here and then elsewhere, or here alone"),
  "output-ring": workerFlags["output-ring"],
  "max-viewers": z.coerce.number().int().min(1).max(100_000).default(1024).describe("viewers at once"),
  "max-session-viewers": z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe("viewers of one session at once"),
  "plaintext-links": z
    .enum(["registered", "loopback"])
    .default("registered")
    .describe("where members may be dialled in plain text: at every http:// address, or on this machine alone"),
  "tool-prefix": z
    .string()
    .refine(isToolPrefix, `takes ${TOOL_PREFIX_RULE}`)
    .default("")
    .describe("before the name of each MCP tool; wsh_ makes them the tools that wsh has"),
  ephemeral: z.boolean().default(false).describe("exit when the last session ends, or after 60 s without any"),
  "access-log": z.boolean().default(false).describe("write a line of the log for each request, at info"),
  "log-level": workerFlags["log-level"],
});

type Flags = z.infer<typeof flags>;

/** Settings that a file open to others may not hold. */
const SECRETS: readonly string[] = ["token"];

export interface ServerConfig {
  readonly instance: string;
  readonly paths: RuntimePaths;
  /** By --socket, rather than from the instance's name. */
  readonly isSocketChosen: boolean;
  /** Whether programs that were written for the wsh API find a socket where they look for it. */
  readonly hasCompatSocket: boolean;
  readonly binds: readonly { readonly host: string; readonly port: number }[];
  readonly tokens: TokenSources;
  readonly access: AccessConfig;
  readonly hostname: string;
  readonly maxSessions: number;
  readonly maxHosts: number;
  readonly slots: number;
  readonly memberSilenceMs: number;
  readonly routeOmitted: Flags["route-omitted"];
  readonly ringBytes: number;
  /** Before the names of MCP tools, where a client asks for no other. */
  readonly toolPrefix: string;
  readonly limits: { readonly viewers: number; readonly viewersPerSession: number };
  /** What the file says of the fleet, which is read again on demand. */
  readonly fleet: FleetTables;
  /** The file says what hubs may ask of a worker, which a server is not. */
  readonly hasGrants: boolean;
  readonly plaintextLinks: Flags["plaintext-links"];
  /** The file that was read; null when there is none. */
  readonly file: string | null;
  readonly isEphemeral: boolean;
  readonly logsAccess: boolean;
  readonly logLevel: Flags["log-level"];
  /** Where the service manager that started the server hears that it is ready; absent where none did. */
  readonly notifySocket: string | undefined;
  /** Ours, from which an allow list passes to sessions. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names that pass besides. */
  readonly envPass: readonly string[];
  readonly secrets: ReadonlyMap<string, ConfiguredSecret>;
  /** Read again on demand. */
  readonly presets: readonly Preset[];
}

/** Every setting of a server, for `--help`. */
export function describeSettings(): { file: Setting; settings: Setting[] } {
  return { file: fileSetting, settings: settingsOf(flags.shape) };
}

/** Throws `invalid_request` or `forbidden`, naming the flag, the variable, or the line and key of the file. */
export function readServerConfig(args: readonly string[], globals: Globals): ServerConfig {
  const env = { ...process.env };
  const instance = globals.instance ?? "default";
  const paths = pathsOf(instance, env);
  const { ways, file } = waysOf(args, env, paths.configFile);
  const given: AllGiven = new Map(ways.toReversed().flatMap((way) => [...way]));
  const data = checked(flags, given);
  const called = (name: string) => given.get(name)?.called ?? `--${name}`;
  const binds = data.bind.map((text) => parseBind(text, called("bind")));
  return frozen({
    instance,
    paths: globals.socket === undefined ? paths : { ...paths, socket: checkSocketPath(globals.socket) },
    isSocketChosen: globals.socket !== undefined,
    hasCompatSocket: !data["no-compat-socket"],
    binds,
    tokens: tokensOf(ways, globals),
    access: readAccess(data, binds, called),
    hostname: data.hostname ?? hostname(),
    maxSessions: data["max-sessions"],
    ...sizesOf(data),
    memberSilenceMs: data["member-silence-ms"],
    routeOmitted: data["route-omitted"],
    ringBytes: data["output-ring"],
    toolPrefix: data["tool-prefix"],
    limits: { viewers: data["max-viewers"], viewersPerSession: data["max-session-viewers"] },
    fleet: fleetIn(file),
    hasGrants: workerTablesIn(file).grants !== null,
    plaintextLinks: data["plaintext-links"],
    file: file?.path ?? null,
    isEphemeral: data.ephemeral,
    logsAccess: data["access-log"],
    logLevel: data["log-level"],
    notifySocket: env["NOTIFY_SOCKET"] || undefined,
    environment: env,
    envPass: data["env-pass"],
    secrets: secretsIn(file),
    presets: presetsIn(file),
  });
}

/** Where the files of an instance are. */
export function pathsOf(instance: string, env: NodeJS.ProcessEnv): RuntimePaths {
  return runtimePaths({
    instance,
    uid: process.getuid?.() ?? 0,
    home: homedir(),
    runtimeHome: env["XDG_RUNTIME_DIR"],
    stateHome: env["XDG_STATE_HOME"],
    configHome: env["XDG_CONFIG_HOME"],
  });
}

/** What goes by the cores of this machine where nobody says otherwise. */
export function sizesOf(data: Pick<Flags, "session-hosts" | "slots">): { maxHosts: number; slots: number } {
  return {
    maxHosts: data["session-hosts"] ?? Math.min(4, availableParallelism()),
    slots: data.slots ?? Math.max(4, availableParallelism()),
  };
}

/** What flags, environment and file give, in this order: the first that has a setting decides. And that file. */
function waysOf(args: readonly string[], env: NodeJS.ProcessEnv, defaultFile: string) {
  const { settings } = describeSettings();
  const { given, file } = waysIn({ owner: "server", settings, args, env, defaultFile });
  return { ways: [...given, file ? ownSettingsIn(file) : new Map()], file };
}

/** Of [server], which a worker that reads the file holds to the same. Throws `invalid_request` or `forbidden`. */
export function ownSettingsIn(file: ConfigFile): AllGiven {
  return settingsIn(file, { table: "server", settings: describeSettings().settings, secrets: SECRETS });
}

/** Text and file say the same thing: of two ways the first that has either decides. */
function tokensOf(ways: readonly AllGiven[], { tokenFile }: Globals): TokenSources {
  const flag: [string, Given][] =
    tokenFile === undefined ? [] : [["token-file", { value: tokenFile, called: "--token-file" }]];
  const [flags, ...others] = ways;
  const all = [new Map([...(flags ?? []), ...flag]), ...others];
  const way = all.find((one) => one.has("token") || one.has("token-file"));
  const token = way?.get("token");
  const file = way?.get("token-file");
  return {
    token: token && { secret: new Secret(String(token.value)), called: token.called },
    file: file && { path: String(file.value), called: file.called },
  };
}

/** Nothing of it changes while the process runs. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

function parseBind(text: string, called: string): { host: string; port: number } {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (!parts || port > 65_535) throw unusable(called, `${JSON.stringify(text)} is not host:port`);
  return { host: (parts[1] ?? parts[2]) as string, port };
}
