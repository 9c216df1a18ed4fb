// Reads what config.toml says of a worker: [worker], with its hub and the settings that flags give too, and [grants], what hubs
// may ask of it. A server reads the same file, holds both to the same, and is bound by neither.
import { Grants } from "@fleetty/worker/hub-link/grants";
import * as z from "zod";
import type { ConfigFile } from "../server/config-file.ts";
import { type AllGiven, settingsOf } from "../server/settings.ts";
import { settingsIn } from "../server/settings-table.ts";
import { workerFlags } from "./flags.ts";

/** Keys of [worker] that no flag gives. */
export const hubKeys = {
  hub: z.string().optional().describe("hub that was joined once: where it is dialled, such as https://hub-1:7337"),
  "ca-file": z
    .string()
    .optional()
    .describe("PEM of the authorities of its certificate, in place of the public ones; --ca-file comes before it"),
};

const grantKeys = {
  operations: z
    .array(z.string())
    .optional()
    .describe("what any hub may ask: *, sessions.* or names of operations (default: all); --grant only narrows it"),
};

/** Each key that no flag gives, as an operator meets it. */
export function describeWorkerKeys(): { key: string; says: string }[] {
  const tables = { worker: hubKeys, grants: grantKeys };
  return Object.entries(tables).flatMap(([table, keys]) =>
    settingsOf(keys).map(({ key, says }) => ({ key: `[${table}] ${key}`, says })),
  );
}

export interface WorkerTables {
  readonly given: AllGiven;
  /** Null where the file says nothing of them. */
  readonly grants: Grants | null;
}

/** Throws `invalid_request`, naming line and key. */
export function workerTablesIn(file: ConfigFile | null): WorkerTables {
  if (!file) return { given: new Map(), grants: null };
  const given = settingsIn(file, { table: "worker", settings: settingsOf({ ...hubKeys, ...workerFlags }) });
  return { given, grants: grantsIn(file) };
}

function grantsIn(file: ConfigFile): Grants | null {
  const table = "grants";
  const operations = settingsIn(file, { table, settings: settingsOf(grantKeys) }).get("operations");
  if (!operations) return null;
  try {
    return new Grants(operations.value as readonly string[]);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw file.refused({ table, key: "operations" }, `operations in [grants]: ${thrown.message}`);
  }
}
