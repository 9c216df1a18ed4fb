// Sets rows of text in columns for people. Knows nothing of what they say.
import { padded, width } from "./cells.ts";
import { visible } from "./visible.ts";

const GAP = "  ";

/** Lines with a heading; the last column is not padded. Texts are made visible first. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, ...rows.map((row) => row.map(visible))];
  const columns = heading.map((_, at) => Math.max(...lines.map((line) => width(line[at] ?? ""))));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => padded(cell, columns[at] ?? 0))
          .join(GAP)
          .trimEnd()}\n`,
    )
    .join("");
}
