// Decides how a worker is to run, from its flags, its environment and config.toml, in this order: how it and its hub meet, and what
// hubs may ask. Parsed once and frozen. `--help` and docs/operating.md print from it.
import { hostname } from "node:os";
import { resolve } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";
import { checkSocketPath, type RuntimePaths } from "@fleetty/protocol/runtime-paths";
import { Grants } from "@fleetty/worker/hub-link/grants";
import { type HubAddress, readHubAddress } from "@fleetty/worker/hub-link/hub-address";
import type { ConfiguredSecret } from "@fleetty/worker/secrets/configured-secret";
import * as z from "zod";
import type { Globals } from "../globals.ts";
import { frozen, ownSettingsIn, pathsOf, sizesOf } from "../server/config.ts";
import type { ConfigFile } from "../server/config-file.ts";
import { checkFleet } from "../server/fleet-tables.ts";
import { secretsIn } from "../server/secret-tables.ts";
import { type AllGiven, checked, type Setting, settingsOf, unusable } from "../server/settings.ts";
import { fileSetting, waysIn } from "../server/ways.ts";
import { hubKeys, workerTablesIn } from "./file-tables.ts";
import { workerFlags } from "./flags.ts";

const flags = z.strictObject({
  join: z
    .string()
    .optional()
    .describe("hub to join, such as https://hub-1:7337, with the join code on standard input; later starts know it"),
  "control-plane": z.string().optional().describe("the same as --join, also as wss://hub-1:7337/workers"),
  "code-file": z.string().optional().describe("file with the join code, instead of standard input"),
  listen: z
    .string()
    .optional()
    .describe("dial no hub: listen for it on a unix socket at this path, in a folder closed to others"),
  grant: z
    .array(z.string())
    .default(["*"])
    .describe("what hubs may ask: *, sessions.* or one operation (repeatable; default: *)"),
  ...workerFlags,
});
const schema = flags.extend(hubKeys);

type Data = z.infer<typeof schema>;

/** How a worker and its hub meet. */
export type HubChoice =
  /** `codeFile` null: the code comes on standard input. */
  | { readonly kind: "join"; readonly address: HubAddress; readonly codeFile: string | null }
  /** It was joined before; `address` null: where it was then. */
  | { readonly kind: "joined"; readonly address: HubAddress | null }
  /** The hub dials the socket at this absolute path. */
  | { readonly kind: "listen"; readonly socketPath: string };

export interface WorkerConfig {
  readonly instance: string;
  readonly paths: RuntimePaths;
  readonly hub: HubChoice;
  /** Absolute; null: the one of before, or the system's. */
  readonly caFile: string | null;
  readonly grants: Grants;
  readonly hostname: string;
  readonly maxSessions: number;
  readonly slots: number;
  readonly maxHosts: number;
  readonly ringBytes: number;
  readonly logLevel: z.infer<typeof flags>["log-level"];
  readonly notifySocket: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names that pass besides. */
  readonly envPass: readonly string[];
  readonly secrets: ReadonlyMap<string, ConfiguredSecret>;
}

/** Every setting of a worker, for `--help`. */
export function describeWorkerSettings(): { file: Setting; settings: Setting[] } {
  return { file: fileSetting, settings: settingsOf(flags.shape) };
}

/** Throws `invalid_request` or `forbidden`, naming the flag, the variable, or the line and key of the file. */
export function readWorkerConfig(args: readonly string[], globals: Globals): WorkerConfig {
  const env = { ...process.env };
  const instance = globals.instance ?? "worker";
  const paths = pathsOf(instance, env);
  const { settings } = describeWorkerSettings();
  const ways = waysIn({ owner: "worker", settings, args, env, defaultFile: paths.configFile });
  const { file } = ways;
  const inFile = workerTablesIn(file);
  if (file) checkOthers(file);
  const [byFlag, byVariable] = ways.given;
  const given: AllGiven = new Map([...inFile.given, ...byVariable, ...byFlag]);
  const data = checked(schema, given, "worker");
  const called = (name: string) => given.get(name)?.called ?? `--${name}`;
  const caFile = globals.caFile ?? data["ca-file"];
  return frozen({
    instance,
    paths,
    hub: hubOf(data, called),
    caFile: caFile === undefined ? null : resolve(caFile),
    grants: grantsOf(data, inFile.grants, called),
    hostname: data.hostname ?? hostname(),
    maxSessions: data["max-sessions"],
    ...sizesOf(data),
    ringBytes: data["output-ring"],
    logLevel: data["log-level"],
    notifySocket: env["NOTIFY_SOCKET"] || undefined,
    environment: env,
    envPass: data["env-pass"],
    secrets: secretsIn(file),
  });
}

/** What the file says of servers is not a worker's; what nobody knows in it is refused all the same. */
function checkOthers(file: ConfigFile): void {
  ownSettingsIn(file);
  checkFleet(file);
}

function hubOf(data: Data, called: (name: string) => string): HubChoice {
  const { join, "control-plane": controlPlane, "code-file": codeFile = null, listen, hub } = data;
  if (join !== undefined && controlPlane !== undefined)
    throw unusable(called("control-plane"), "says the same as --join; give one of them", "worker");
  const joined = join ?? controlPlane;
  if (listen !== undefined) {
    if (joined === undefined && codeFile === null) return { kind: "listen", socketPath: socketPathOf(listen) };
    throw unusable(called("listen"), "is for a hub that dials this worker, and none is joined then", "worker");
  }
  if (joined !== undefined) return { kind: "join", address: readHubAddress(joined), codeFile };
  const address = hub === undefined ? null : addressOf(hub, called("hub"));
  if (codeFile === null) return { kind: "joined", address };
  if (address) return { kind: "join", address, codeFile };
  throw unusable(called("code-file"), "needs --join, the hub that the code is for", "worker");
}

function socketPathOf(listen: string): string {
  return checkSocketPath(resolve(listen), "give --listen a shorter one");
}

function addressOf(hub: string, called: string): HubAddress {
  try {
    return readHubAddress(hub);
  } catch (thrown) {
    throw thrown instanceof FleettyError ? unusable(called, thrown.message, "worker") : thrown;
  }
}

function grantsOf({ grant }: Data, inFile: Grants | null, called: (name: string) => string): Grants {
  try {
    return new Grants(grant, inFile);
  } catch (thrown) {
    throw thrown instanceof RangeError ? unusable(called("grant"), thrown.message, "worker") : thrown;
  }
}
