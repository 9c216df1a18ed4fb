// `fleetty mcp`: what hosts of agents start, MCP over standard input and output, as a bridge to a server. Decides which server,
// and when it ends: with its input. Standard output is the protocol's alone.
import { openTransport } from "@fleetty/client/wire";
import { isToolPrefix, TOOL_PREFIX_RULE } from "@fleetty/protocol/names";
import { readEnvironment, standInForRuntimeHome } from "../config.ts";
import { type Destination, destinationOf, type Globals } from "../globals.ts";
import { connectOptions } from "../invoke.ts";
import { type OwnLine, readOwn, unusableLine } from "../own-command.ts";
import { mcp, TOOL_PREFIX } from "../own-lines.ts";
import { writeErr, writeOut } from "../print/output.ts";
import { visible } from "../print/visible.ts";
import { Bridge } from "./bridge.ts";
import { boundedLines } from "./lines.ts";

/** What a server takes as one body. */
const LINE_MAX_BYTES = 1_048_576;
/** For answers that are under way when the input ends, and for the goodbye. */
const GRACE_MS = 2_000;

/** Resolves with the exit code when the input has ended. Throws FleettyError. */
export async function runMcp(args: readonly string[], before: Globals, signal: AbortSignal): Promise<number> {
  const line = await readOwn(mcp, args, before);
  if (line === null) return 0;
  const { globals } = line;
  const prefix = prefixOf(line);
  standInForRuntimeHome();
  const destination = destinationOf(globals, readEnvironment());
  const ensureServer = () => ensured(destination, signal);
  await ensureServer();
  const bridge = new Bridge({
    transport: openTransport(connectOptions(destination)),
    path: prefix === null ? "/mcp" : `/mcp?tool_prefix=${prefix}`,
    ensureServer,
    write: writeOut,
    log: (text) => void writeErr(`fleetty mcp: ${visible(text)}\n`),
  });
  const end = () => process.stdin.destroy();
  process.once("SIGTERM", end);
  signal.addEventListener("abort", end, { once: true });
  await passOn(bridge);
  await bridge.end(GRACE_MS);
  return 0;
}

async function passOn(bridge: Bridge): Promise<void> {
  try {
    for await (const line of boundedLines(process.stdin, LINE_MAX_BYTES)) await bridge.take(line);
  } catch {
    // Cut off by a signal: the same as its end.
  }
}

async function ensured(destination: Destination, signal: AbortSignal): Promise<void> {
  if (destination.kind !== "local") return;
  const { ensureServer } = await import("../start-server.ts");
  await ensureServer(destination, signal);
}

/** Null where none was given: the server's own then stands. */
function prefixOf({ words, options }: OwnLine): string | null {
  const [word] = words;
  if (word !== undefined) throw unusableLine(mcp, `does not take ${JSON.stringify(word)}`);
  const { [TOOL_PREFIX]: prefix } = options;
  if (prefix === undefined) return null;
  if (typeof prefix === "string" && isToolPrefix(prefix)) return prefix;
  throw unusableLine(mcp, `needs another value after ${TOOL_PREFIX}: ${TOOL_PREFIX_RULE}`);
}
