// Makes the folders that hold sockets and secrets, and examines them before use: a folder that is not the user's own and
// closed to others is refused, whoever put it there.
import { lstatSync, mkdirSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import { factsOf, folderProblem } from "@fleetty/protocol/private-folder";

/** Makes `path` with mode 0700 if it is not there, then examines what is. Throws `forbidden` with a sentence naming it. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const problem = folderProblem(path, factsOf(lstatSync(path)), process.getuid?.() ?? 0);
  if (problem) throw new FleettyError("forbidden", problem, { reason: "not_private" });
  return path;
}
