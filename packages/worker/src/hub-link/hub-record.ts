// What a worker keeps of its hub in its state folder: where it is dialled, by which key it is known, and the number of the
// newest link. No secret is among it.
import { lstatSync, readFileSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import * as z from "zod";
import { writeFileAtomicallySync } from "../state/atomic-file.ts";

const shape = z.strictObject({
  address: z.string(),
  /** Whose certificates are trusted; null: those of the system. */
  ca_file: z.string().nullable(),
  /** Lasting id and key, as they were met first. */
  hub: z.string(),
  key: z.string(),
  link_generation: z.int().min(0),
});

export type HubRecord = Readonly<z.infer<typeof shape>>;

/** Null when no hub has been joined. Throws `invalid_request` for a file that does not hold a record. */
export function readHubRecord(path: string): HubRecord | null {
  if (!lstatSync(path, { throwIfNoEntry: false })) return null;
  try {
    return shape.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const message = `${path} does not say which hub this worker has joined; restore it, or join again with a new code`;
    throw new FleettyError("invalid_request", message, { field: "hub" }, { cause });
  }
}

/** On the disk when it returns. */
export function writeHubRecord(path: string, record: HubRecord): void {
  writeFileAtomicallySync(path, `${JSON.stringify(record, null, 2)}\n`);
}
