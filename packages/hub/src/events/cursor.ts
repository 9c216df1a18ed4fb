// Writes and reads cursors of the event log: the number of an event and the log that it is of, opaque to whoever holds one.
// Good for as long as the log is, over every restart of its hub.
import { FleettyError } from "@fleetty/protocol/errors";

/** Eight hexadecimal digits name the log; numbers of events stay below 2^53. */
const FORM = /^ev_([0-9a-f]{8})_([0-9a-z]{1,11})$/;

export function cursorOf(logId: string, seq: number): string {
  return `ev_${logId}_${seq.toString(36)}`;
}

/** The number of the event; null for a cursor of another log. Throws `invalid_cursor` for what is none. */
export function readCursor(logId: string, cursor: string): number | null {
  const [, log, digits = ""] = FORM.exec(cursor) ?? [];
  const seq = Number.parseInt(digits, 36);
  if (log !== undefined && Number.isSafeInteger(seq)) return log === logId ? seq : null;
  const message = `${JSON.stringify(cursor.slice(0, 80))} is no cursor of events; take one of an event, oldest, or none`;
  throw new FleettyError("invalid_cursor", message, { field: "cursor" });
}
