// `kill`: ends one session, or all that carry a tag or are on servers of a set.
import type { Comfort } from "../comfort.ts";
import { PICK_NOTES, pickOptions } from "../picked.ts";

export const comfort: Comfort = { extras: pickOptions, picksMany: { said: "killed" }, notes: PICK_NOTES };
