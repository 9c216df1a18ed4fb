// Counts verdicts by truth, and prints the count as a table: what is in the diagonal is right.
import type { Taken } from "./verdicts.ts";

const WORDS = ["working", "needs_input", "needs_secret", "ready", "done", "unknown"] as const;

/** Counts by truth, then by verdict. A moment with several truths counts under its verdict where that is one of them. */
export type Confusion = Record<string, Record<string, number>>;

export function confusionOf(taken: readonly Taken[]): Confusion {
  const counts: Confusion = {};
  for (const { moment, verdict, isRight } of taken) {
    const truth = isRight ? verdict.attention : (moment.truth[0] as string);
    counts[truth] ??= {};
    const row = counts[truth];
    row[verdict.attention] = (row[verdict.attention] ?? 0) + 1;
  }
  return counts;
}

export function added(tables: readonly Confusion[]): Confusion {
  const sum: Confusion = {};
  for (const [truth, row] of tables.flatMap(Object.entries) as [string, Record<string, number>][]) {
    sum[truth] ??= {};
    for (const [verdict, count] of Object.entries(row)) sum[truth][verdict] = (sum[truth][verdict] ?? 0) + count;
  }
  return sum;
}

export function printed(title: string, counts: Confusion): string {
  const cells = (first: string, rest: readonly unknown[]) =>
    `  ${first.padEnd(16)}${rest.map((cell) => String(cell).padStart(14)).join("")}\n`;
  const rows = WORDS.filter((truth) => counts[truth] !== undefined).map((truth) =>
    cells(
      truth,
      WORDS.map((verdict) => counts[truth]?.[verdict] ?? "."),
    ),
  );
  return `${title}\n${cells("truth \\ verdict", WORDS)}${rows.join("")}`;
}
