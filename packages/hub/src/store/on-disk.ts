// Says of a write that the store refused what its caller can do about it.
import { FleettyError } from "@fleetty/protocol/errors";

/** The same; rejects with `resource_limit_reached` when the disk did not take it. */
export async function onDisk<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (cause) {
    const message = "the state folder cannot be written; free space there, then try again";
    throw new FleettyError("resource_limit_reached", message, { limit: "disk" }, { cause });
  }
}
