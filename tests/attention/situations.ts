// Finds all situations, by the file that lists them.
import { globSync } from "node:fs";
import { basename } from "node:path";
import type { Situation } from "./situation.ts";

export interface Listed {
  /** Name of the file in situations/, without its ending. */
  readonly list: string;
  readonly situation: Situation;
}

export async function allSituations(): Promise<Listed[]> {
  const files = globSync(`${import.meta.dirname}/situations/*.ts`).sort();
  const lists = await Promise.all(
    files.map(async (file) => ({ list: basename(file, ".ts"), all: await import(file) })),
  );
  return lists.flatMap(({ list, all }) =>
    (Object.values(all).flat() as Situation[]).map((situation) => ({ list, situation })),
  );
}
