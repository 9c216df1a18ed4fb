// Holds the data of each event, one export per event, named by its last word.
import * as z from "zod";
import { openEnum, sessionInfo } from "./common.ts";
import { sessionAttention, sessionCommand, sessionInputMode, sessionLease, sessionResized } from "./fleet-events.ts";

export const created = z.looseObject({ session: sessionInfo });

export const exited = z.looseObject({
  session: sessionInfo,
  is_kept: z.boolean().describe("its record is in files; else it can be read only while its host holds it"),
});

export const removed = z.looseObject({
  session: sessionInfo,
  reason: openEnum(["killed", "retention", "forgotten"]).optional().describe("absent from servers that do not say it"),
});

export const renamed = z.looseObject({ session: sessionInfo, old_name: z.string(), new_name: z.string() });

/** What came and what went are told one after the other, as two events. */
export const tagsChanged = z.looseObject({
  session: sessionInfo,
  added: z.array(z.string()),
  removed: z.array(z.string()),
});

// Told on as they are.
export const attention = sessionAttention.extend({ session: sessionInfo });
export const command = sessionCommand.extend({ session: sessionInfo });
export const resized = sessionResized.extend({ session: sessionInfo });
export const lease = sessionLease.extend({ session: sessionInfo });
export const inputMode = sessionInputMode.extend({ session: sessionInfo });
