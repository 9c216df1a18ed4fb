// Routes the commands that are processes of their own, `server`, `worker` and `session-host`, to their composition, which is loaded
// only then. `server start` is the one that ends at once: it starts a server in the background.
import { resolve } from "node:path";
import { connect } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import { readEnvironment } from "./config.ts";
import { destinationOf, type Globals, splitGlobals } from "./globals.ts";
import { printJson } from "./print/json.ts";
import { writeOut } from "./print/output.ts";

/** What a process is handed: the options of every command, and the arguments after its own word. */
export interface ProcessOptions {
  readonly globals: Globals;
  readonly args: readonly string[];
}

/** Resolves with the exit code, when the process has nothing more to do. */
export async function runProcessCommand(
  args: readonly string[],
  before: Globals,
  signal: AbortSignal,
): Promise<number> {
  const [word, ...others] = args;
  const { globals: given, rest } = splitGlobals(others, before);
  const globals = given.socket === undefined ? given : { ...given, socket: resolve(given.socket) };
  if (word === "session-host") {
    const { runSessionHost } = await import("./server/session-host.ts");
    return runSessionHost({ globals, args: rest });
  }
  if (word === "worker") {
    const { runWorker } = await import("./worker/main.ts");
    return runWorker({ globals, args: rest });
  }
  if (rest[0] === "start") return startServer(globals, rest.slice(1), signal);
  const { runServer } = await import("./server/run-server.ts");
  return runServer({ globals, args: rest });
}

async function startServer(globals: Globals, flags: readonly string[], signal: AbortSignal): Promise<number> {
  const [flag] = flags;
  if (flag === "--help" || flag === "-h") {
    await writeOut(
      "fleetty [-L NAME] [--socket PATH] server start\n\nStarts a server with the defaults in the background.\n",
    );
    return 0;
  }
  if (flag !== undefined) {
    const message = `fleetty server start takes no ${flag}; run fleetty server with it, in the foreground`;
    throw new FleettyError("invalid_request", message);
  }
  const destination = destinationOf(globals, readEnvironment());
  if (destination.kind === "url")
    throw new FleettyError("invalid_request", "a server can only be started on this machine");
  const { ensureServer } = await import("./start-server.ts");
  await ensureServer(destination, signal);
  if (globals.json) await showInfo(destination.socket, signal);
  else await writeOut(`a server answers at ${destination.socket}\n`);
  return 0;
}

async function showInfo(socket: string, signal: AbortSignal): Promise<void> {
  using client = connect({ socket });
  await printJson(await client.server.info({}, { signal }));
}
