// Finds what a shell would run by a name: the first executable file of that name along PATH. Runs nothing.
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Its path as PATH has it; null where there is none. */
export function foundCommand(name: string, searchPath: string): string | null {
  const places = searchPath.split(delimiter).filter((folder) => folder !== "");
  return places.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
