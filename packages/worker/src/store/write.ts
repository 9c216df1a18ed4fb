// A write to worker.db, as it crosses to the thread that holds it, and how far it has to get before it is confirmed.

export type Write =
  | {
      readonly do: "record";
      readonly id: string;
      readonly state: string;
      readonly row: string;
      readonly counter: number;
    }
  | { readonly do: "forget"; readonly id: string };

/** `kernel` outlives every process, `disk` also a power cut. */
export type Reach = "kernel" | "disk";

/** A live session dies with its machine, so its record need not outlive that; all else is what is left when it has. */
export function reachOf(writes: readonly Write[]): Reach {
  return writes.every((one) => one.do === "record" && one.state === "live") ? "kernel" : "disk";
}
