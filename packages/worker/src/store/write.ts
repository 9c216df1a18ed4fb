// A write to worker.db, as it crosses to the thread that holds it, and how far it has to get before it is confirmed.
import type { Reach } from "@fleetty/sqlite/thread";
import type { JournalRow } from "./worker-store.ts";

export type Write =
  | {
      readonly do: "record";
      readonly id: string;
      readonly state: string;
      readonly row: string;
      readonly counter: number;
    }
  | { readonly do: "forget"; readonly id: string }
  | { readonly do: "keep_events"; readonly rows: readonly JournalRow[]; readonly lost: number }
  | { readonly do: "end_journal"; readonly incarnation: number }
  | { readonly do: "expire_events"; readonly before: string; readonly kept: number };

export type Read =
  | { readonly do: "begin" }
  | { readonly do: "events_after"; readonly seq: number; readonly max: number };

/** A live session dies with its machine, so its record need not outlive that; all else is what is left when it has. */
export function reachOf(requests: readonly (Write | Read)[]): Reach {
  return requests.every(diesWithTheMachine) ? "kernel" : "disk";
}

/** What the journal lacks after a power cut is seen from the list of sessions. */
function diesWithTheMachine(request: Write | Read): boolean {
  if (request.do === "record") return request.state === "live";
  return request.do === "keep_events" || request.do === "events_after" || request.do === "expire_events";
}
