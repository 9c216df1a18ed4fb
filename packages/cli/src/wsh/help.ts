// `wsh --help`: its commands, each with what it is in fleetty, and what it does not do.
import { section } from "../help.ts";
import { writeOut } from "../print/output.ts";
import { wshCommands } from "./words.ts";

/** Resolves with the exit code. */
export async function showWshHelp(): Promise<number> {
  await writeOut(
    [
      "wsh, by fleetty: the commands of wsh, for a fleetty server\n",
      section("Commands", wshCommands()),
      "Options of every command: -L, --server-name NAME (also $WSH_SERVER_NAME), --socket PATH. $WSH_TOKEN and others are read",
      "as $FLEETTY_TOKEN and the like. wsh COMMAND --help says more of one command.\n",
      "wsh by itself starts no session: fleetty new NAME does. Everything else that fleetty can do, fleetty --help lists.\n",
    ].join("\n"),
  );
  return 0;
}
