// Cuts a list into pages. A cursor says behind which id the next page begins, so that what comes and goes meanwhile neither
// repeats nor hides anything else.
import { FleettyError } from "@fleetty/protocol/errors";
import { type IdPrefix, isId } from "@fleetty/protocol/ids";

export interface PageAsked {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** Public limits. */
const LIMIT_DEFAULT = 100;

/** `items` in the order of their ids, which begin with `prefix`. Throws `invalid_cursor`. */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  prefix: IdPrefix,
  { limit = LIMIT_DEFAULT, cursor }: PageAsked,
): Page<Item> {
  const after = cursor === undefined ? "" : idIn(cursor, prefix);
  const rest = items.filter(({ id }) => id > after);
  const page = rest.slice(0, limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  return { items: page, next_cursor: last ? Buffer.from(last.id).toString("base64url") : null };
}

function idIn(cursor: string, prefix: IdPrefix): string {
  const id = Buffer.from(cursor, "base64url").toString("latin1");
  if (isId(prefix, id)) return id;
  throw new FleettyError("invalid_cursor", "this cursor is none of this list; begin again without one");
}
