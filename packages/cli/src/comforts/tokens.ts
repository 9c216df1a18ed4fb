// `tokens add`, `ls`: the text of a new token and nothing else, so that it can go into a file; tokens as a table for people.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import type { Members } from "../invocation.ts";
import { age } from "../print/ages.ts";
import { table } from "../print/table.ts";

type Tokens = OperationOutput<"tokens.list">;
type Token = Tokens["items"][number];

const HEADING = ["NAME", "KIND", "VERBS", "ON", "TAGS", "EXPIRES", "USED", "ID"];
const EXPIRES = "--expires";

export const add: Comfort = {
  hides: ["expires_in_ms"],
  extras: [{ flag: EXPIRES, value: "TIME", says: "lives so long: 90m, 12h, 30d (the default); at most 365d" }],
  notes: ["Prints the token and nothing else, this once: send it to a file. Its id is in fleetty tokens ls."],
  input: ({ members, extras }) => ({ ...members, ...life(extras[EXPIRES]) }),
  show: (answer) => `${(answer as OperationOutput<"tokens.create">).token}\n`,
};

export const list: Comfort = {
  notes: ["USED says how long ago a token was used last. With --limit and --cursor a long list comes in pages."],
  show: (answer) => {
    const { items, next_cursor: next } = answer as Tokens;
    const more = next === null ? "" : `more: fleetty tokens ls --cursor ${next}\n`;
    return table(HEADING, items.map(row)) + more;
  },
};

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function life(text: string | boolean | undefined): Members {
  if (typeof text !== "string") return {};
  const [, number, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const unitMs = unit && UNITS_MS[unit];
  if (unitMs) return { expires_in_ms: Number(number) * unitMs };
  throw new FleettyError("invalid_request", `${EXPIRES} takes a number and s, m, h or d, as in 12h, not ${text}`);
}

function row({ name, kind, verbs, on, tags, expires_at, last_used_at, id }: Token): string[] {
  const nowMs = Date.now();
  const leftMs = Date.parse(expires_at) - nowMs;
  const left = leftMs > 0 ? `in ${age(leftMs)}` : "expired";
  const used = last_used_at === null ? "never" : `${age(nowMs - Date.parse(last_used_at))} ago`;
  return [name, kind, verbs.join(","), on, tags.join(",") || "-", left, used, id];
}
