// Decides in which form events are answered: as a stream of server-sent events or as JSON, by what the caller accepts
// (RFC 9110, 12.5.1). Knows no event.
import { FleettyError } from "@fleetty/protocol/errors";

export type EventForm = "stream" | "json";

const TYPES: Readonly<Record<EventForm, string>> = { stream: "text/event-stream", json: "application/json" };

/** The stream where both are as welcome. Throws `not_acceptable`. */
export function eventForm(accept: string | undefined): EventForm {
  if (accept === undefined || accept.trim() === "") return "stream";
  const ranges = accept.split(",").map(readRange);
  const stream = qualityOf(TYPES.stream, ranges);
  const json = qualityOf(TYPES.json, ranges);
  if (stream > 0 && stream >= json) return "stream";
  if (json > 0) return "json";
  const known = Object.values(TYPES);
  throw new FleettyError("not_acceptable", `events come as ${known.join(" or ")}; accept one of them`, { known });
}

/** Whether a caller takes that type. */
export function accepts(accept: string, type: string): boolean {
  return qualityOf(type, accept.split(",").map(readRange)) > 0;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((one) => one.startsWith("q="))?.slice(2);
  const quality = weight === undefined ? 1 : Number(weight);
  return { type, quality: Number.isFinite(quality) ? quality : 0 };
}

/** What names a type more closely counts; 0 for what is not wanted. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const form of [type, `${type.split("/")[0]}/*`, "*/*"]) {
    const range = ranges.find((one) => one.type === form);
    if (range) return range.quality;
  }
  return 0;
}
