// Says what a command lacks in the words of the command line, where the operation was refused for members that were not given.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "./comfort.ts";
import type { CommandRow } from "./commands.ts";
import type { Members } from "./invocation.ts";
import { unfit } from "./quick-form.ts";
import { optionOf } from "./schema-members.ts";

/** Null where `thrown` is about something else. */
export function leftOut(
  thrown: unknown,
  { row, comfort, members }: { row: CommandRow; comfort: Comfort | null; members: Members },
): FleettyError | null {
  const names = refusedMembers(thrown).filter((name) => members[name] === undefined);
  if (names.length === 0) return null;
  const words = names.map((name) => (row.cli.positional?.includes(name) ? `<${name}>` : optionOf(name, comfort)));
  return unfit(row, `needs ${words.join(" and ")}`);
}

/** A refused body has a list of what is wrong, a refused query its first. */
function refusedMembers(thrown: unknown): string[] {
  if (!(thrown instanceof FleettyError)) return [];
  const { issues, field } = thrown.details ?? {};
  if (thrown.code === "invalid_query" && typeof field === "string") return [field];
  if (!Array.isArray(issues)) return [];
  return [...new Set(issues.flatMap(({ path }) => (Array.isArray(path) && path.length === 1 ? [`${path[0]}`] : [])))];
}
