// Decides which sessions a command is for: the one that it names, or all that carry a tag or are on servers of a set. Asks
// nobody.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort, ExtraOption } from "./comfort.ts";
import type { Invocation } from "./invocation.ts";

const TAG = "--tag";
const ON = "--on";
const DRY_RUN = "--dry-run";

/** What a command that picks many has beside its own options. */
export const pickOptions: readonly ExtraOption[] = [
  { flag: TAG, value: "a,b,…", says: "instead of a session: all live ones that carry one of these tags" },
  { flag: ON, value: "SET", says: "instead of a session: all live ones on these servers; with --tag, those of them" },
  { flag: DRY_RUN, value: null, says: "say which sessions it would be, and change nothing" },
];

export const PICK_NOTES: readonly string[] = [
  "With --tag or --on, a line for each session; exits 0 when all went well, else with the code of the first refusal. They",
  "are looked for on all servers of the fleet, or on those of --on or --server; one that cannot be asked is a refusal too.",
];

type Picking = Comfort & { readonly picksMany: NonNullable<Comfort["picksMany"]> };

/** What is picked by; at least one of them is given. */
export interface Picked {
  readonly tag?: string[] | undefined;
  /** A server set. */
  readonly on?: string | undefined;
}

/** Whether sessions are picked by a tag or by their servers, so that none is named. */
export function isPicked(comfort: Comfort | null, extras: Invocation["extras"]): boolean {
  return comfort?.picksMany !== undefined && (extras[TAG] !== undefined || extras[ON] !== undefined);
}

/** Whether it is told session by session. */
export function isForMany(comfort: Comfort, extras: Invocation["extras"]): comfort is Picking {
  return comfort.picksMany !== undefined && (isPicked(comfort, extras) || isDryRun(extras));
}

export function isDryRun(extras: Invocation["extras"]): boolean {
  return extras[DRY_RUN] === true;
}

/** Null when a session is named. Throws `invalid_request` for what picks nothing or says two things. */
export function pickedBy({ extras, members }: Invocation): Picked | null {
  const [tags, on] = [extras[TAG], extras[ON]];
  if (typeof tags !== "string" && typeof on !== "string") return null;
  if (typeof on === "string" && members["server"] !== undefined)
    throw new FleettyError("invalid_request", "give --server or --on, not both");
  return { tag: typeof tags === "string" ? tagsIn(tags) : undefined, on: typeof on === "string" ? on : undefined };
}

function tagsIn(text: string): string[] {
  const tags = text.split(",").filter((tag) => tag !== "");
  if (tags.length > 0) return tags;
  throw new FleettyError("invalid_request", "--tag names no tag; fleetty ls shows those there are");
}
