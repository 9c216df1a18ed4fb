// A write to worker.db, as it crosses to the thread that holds it, and how far it has to get before it is confirmed.
import type { Reach } from "@fleetty/sqlite/thread";

export type Write =
  | {
      readonly do: "record";
      readonly id: string;
      readonly state: string;
      readonly row: string;
      readonly counter: number;
    }
  | { readonly do: "forget"; readonly id: string };

/** A live session dies with its machine, so its record need not outlive that; all else is what is left when it has. */
export function reachOf(writes: readonly (Write | { readonly do: "begin" })[]): Reach {
  return writes.every((one) => one.do === "record" && one.state === "live") ? "kernel" : "disk";
}
