// A write to worker.db, as it crosses to the thread that holds it, and how far it has to get before it is confirmed.
import type { Reach } from "@fleetty/sqlite/thread";
import type { JournalRow, SecretRow } from "./worker-store.ts";

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
  | { readonly do: "expire_events"; readonly before: string; readonly kept: number }
  | { readonly do: "keep_secret"; readonly row: SecretRow; readonly max: number }
  | { readonly do: "forget_secret"; readonly name: string }
  | { readonly do: "use_secret"; readonly name: string; readonly at: string };

export type Read =
  | { readonly do: "begin" }
  | { readonly do: "secrets" }
  | { readonly do: "events_after"; readonly seq: number; readonly max: number };

/** A live session dies with its machine, so its record need not outlive that; all else is what is left when it has. */
export function reachOf(requests: readonly (Write | Read)[]): Reach {
  return requests.every(diesWithTheMachine) ? "kernel" : "disk";
}

/** What the journal lacks after a power cut is seen from the list of sessions; a use of a secret is told in the audit too. */
const FORGETTABLE: readonly (Write | Read)["do"][] = [
  "keep_events",
  "events_after",
  "expire_events",
  "secrets",
  "use_secret",
];

function diesWithTheMachine(request: Write | Read): boolean {
  return request.do === "record" ? request.state === "live" : FORGETTABLE.includes(request.do);
}
