// Cuts a list into pages. A cursor says behind which key the next page begins, so that what comes and goes meanwhile neither
// repeats nor hides anything else.
import { FleettyError } from "@fleetty/protocol/errors";

export interface PageAsked {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** What a list is in the order of: an id, or a name. */
export interface PageOrder<Item> {
  readonly keyOf: (item: Item) => string;
  /** Whether a text could be a key at all: then it is a cursor of such a list. */
  readonly isKey: (text: string) => boolean;
}

/** Public limits. */
const LIMIT_DEFAULT = 100;

/** `items` in the order of their keys. Throws `invalid_cursor`. */
export function pageOf<Item>(
  items: readonly Item[],
  { keyOf, isKey }: PageOrder<Item>,
  { limit = LIMIT_DEFAULT, cursor }: PageAsked,
): Page<Item> {
  const after = cursor === undefined ? "" : keyIn(cursor, isKey);
  const rest = items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  return { items: page, next_cursor: last ? Buffer.from(keyOf(last)).toString("base64url") : null };
}

function keyIn(cursor: string, isKey: PageOrder<unknown>["isKey"]): string {
  const key = Buffer.from(cursor, "base64url").toString("latin1");
  if (isKey(key)) return key;
  throw new FleettyError("invalid_cursor", "this cursor is none of this list; begin again without one");
}
