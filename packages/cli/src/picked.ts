// Decides which sessions a command is for: the one that it names, or all that carry a tag. Asks nobody.
import type { Comfort, ExtraOption } from "./comfort.ts";
import type { Invocation } from "./invocation.ts";

const TAG = "--tag";
const DRY_RUN = "--dry-run";

/** What a command that picks many has beside its own options. */
export const pickOptions: readonly ExtraOption[] = [
  { flag: TAG, value: "a,b,…", says: "instead of a session: all live ones that carry one of these tags" },
  { flag: DRY_RUN, value: null, says: "say which sessions it would be, and change nothing" },
];

export const PICK_NOTES: readonly string[] = [
  "With --tag, a line for each session; exits 0 when all went well, else with the code of the first refusal.",
];

type Picking = Comfort & { readonly picksMany: NonNullable<Comfort["picksMany"]> };

/** Whether sessions are picked by a tag, so that none is named. */
export function isPicked(comfort: Comfort | null, extras: Invocation["extras"]): boolean {
  return comfort?.picksMany !== undefined && extras[TAG] !== undefined;
}

/** Whether it is told session by session. */
export function isForMany(comfort: Comfort, extras: Invocation["extras"]): comfort is Picking {
  return comfort.picksMany !== undefined && (extras[TAG] !== undefined || isDryRun(extras));
}

export function isDryRun(extras: Invocation["extras"]): boolean {
  return extras[DRY_RUN] === true;
}

/** The tags that were asked for; undefined when a session is named. */
export function tagsPicked(extras: Invocation["extras"]): string[] | undefined {
  const text = extras[TAG];
  return typeof text === "string" ? text.split(",").filter((tag) => tag !== "") : undefined;
}
