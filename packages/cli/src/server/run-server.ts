// `fleetty server`: help, settings and the instance's state come first, and only then is loaded what a server is made of. So who
// asks how to start one, or is refused, waits for little.
import { writeOut } from "../print/output.ts";
import type { ProcessOptions } from "../process-commands.ts";
import { readServerConfig } from "./config.ts";
import { serverHelp } from "./help.ts";
import { notStarted } from "./not-started.ts";
import { openState } from "./state-folder.ts";

/** Resolves with the exit code once the server has stopped. Rejects when it could not start. */
export async function runServer({ globals, args }: ProcessOptions): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    await writeOut(serverHelp());
    return 0;
  }
  const readConfig = () => readServerConfig(args, globals);
  const config = readConfig();
  // Ours is for our own files; programs in sessions keep that of the user.
  const umask = process.umask(0o077);
  try {
    const state = openState(config);
    const { serve } = await import("./main.ts");
    return await serve({ config, readConfig, umask, state });
  } catch (thrown) {
    throw notStarted(thrown, config);
  }
}
