// Decides how a worker is to run, from its flags and its environment: which hub it dials, and what that may ask. Parsed once
// and frozen. `--help` and docs/operating.md print from it.
import { hostname } from "node:os";
import { resolve } from "node:path";
import type { RuntimePaths } from "@fleetty/protocol/runtime-paths";
import { Grants } from "@fleetty/worker/hub-link/grants";
import { type HubAddress, readHubAddress } from "@fleetty/worker/hub-link/hub-address";
import * as z from "zod";
import type { Globals } from "../globals.ts";
import { frozen, pathsOf, sizesOf, workerFlags } from "../server/config.ts";
import { checked, fromFlags, fromVariables, type Setting, settingsOf, unusable } from "../server/settings.ts";

const flags = z.strictObject({
  join: z
    .string()
    .optional()
    .describe("hub to join, such as https://hub-1:7337, with the join code on standard input; later starts know it"),
  "control-plane": z.string().optional().describe("the same as --join, also as wss://hub-1:7337/workers"),
  "code-file": z.string().optional().describe("file with the join code, instead of standard input"),
  grant: z
    .array(z.string())
    .default(["*"])
    .describe("what the hub may ask: *, sessions.* or one operation (repeatable; default: *)"),
  ...workerFlags,
});

/** Where the hub is that is to be joined, and its code. */
export interface JoinConfig {
  readonly address: HubAddress;
  /** Null: the code comes on standard input. */
  readonly codeFile: string | null;
}

export interface WorkerConfig {
  readonly instance: string;
  readonly paths: RuntimePaths;
  /** Null: the hub that was joined before. */
  readonly join: JoinConfig | null;
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
}

/** Every setting of a worker, for `--help`. */
export function describeWorkerSettings(): Setting[] {
  return settingsOf(flags.shape);
}

/** Throws `invalid_request`, naming the flag or the variable. */
export function readWorkerConfig(args: readonly string[], globals: Globals): WorkerConfig {
  const env = { ...process.env };
  const settings = describeWorkerSettings();
  const given = new Map([...fromVariables(settings, env), ...fromFlags(settings, args, "worker")]);
  const data = checked(flags, given, "worker");
  const instance = globals.instance ?? "worker";
  return frozen({
    instance,
    paths: pathsOf(instance, env),
    join: joinOf(data),
    caFile: globals.caFile === undefined ? null : resolve(globals.caFile),
    grants: new Grants(data.grant),
    hostname: data.hostname ?? hostname(),
    maxSessions: data["max-sessions"],
    ...sizesOf(data),
    ringBytes: data["output-ring"],
    logLevel: data["log-level"],
    notifySocket: env["NOTIFY_SOCKET"] || undefined,
    environment: env,
  });
}

function joinOf({
  join,
  "control-plane": controlPlane,
  "code-file": codeFile,
}: z.infer<typeof flags>): JoinConfig | null {
  if (join !== undefined && controlPlane !== undefined) {
    throw unusable("--control-plane", "says the same as --join; give one of them", "worker");
  }
  const address = join ?? controlPlane;
  if (address !== undefined) return { address: readHubAddress(address), codeFile: codeFile ?? null };
  if (codeFile !== undefined) throw unusable("--code-file", "needs --join, the hub that the code is for", "worker");
  return null;
}
