// `fleetty mcp`: what hosts of agents start, MCP over standard input and output, as a bridge to a server. Decides which server,
// and when it ends: with its input. Standard output is the protocol's alone.
import { openTransport } from "@fleetty/client/wire";
import { FleettyError } from "@fleetty/protocol/errors";
import { isToolPrefix, TOOL_PREFIX_RULE } from "@fleetty/protocol/names";
import { readEnvironment, standInForRuntimeHome } from "../config.ts";
import { type Destination, destinationOf, type Globals, splitGlobals } from "../globals.ts";
import { connectOptions } from "../invoke.ts";
import { writeErr, writeOut } from "../print/output.ts";
import { Bridge } from "./bridge.ts";
import { boundedLines } from "./lines.ts";

/** What a server takes as one body. */
const LINE_MAX_BYTES = 1_048_576;
/** For answers that are under way when the input ends, and for the goodbye. */
const GRACE_MS = 2_000;

const HELP = `Usage: fleetty mcp [--tool-prefix PREFIX]
       fleetty mcp --url URL --token-file FILE

The Model Context Protocol over standard input and output, for hosts of agents: one JSON-RPC message a line, log on standard
error, ends when its input ends. Speaks to the server of this user, and starts one when none runs; with --url to another one.
Sessions go on when it ends; a server that was restarted meanwhile is found again.

Options:
  --tool-prefix PREFIX  before the name of each tool; wsh_ makes them the tools of the older public API
  --url URL             server over HTTP(S), instead of that of this user; also $FLEETTY_URL
  --token-file FILE     file with the token for it; also $FLEETTY_TOKEN
  --ca-file FILE        trust these certificates (PEM) for https
  -L, --instance NAME   instance on this machine (default: default)
  -h, --help            print this

Examples:
  claude mcp add fleetty -- fleetty mcp
  fleetty mcp --url https://hub-1:7337 --token-file ~/.fleetty-token
`;

/** Resolves with the exit code when the input has ended. Throws FleettyError. */
export async function runMcp(args: readonly string[], before: Globals, signal: AbortSignal): Promise<number> {
  const { globals, rest } = splitGlobals(args, before);
  if (rest.includes("--help") || rest.includes("-h")) {
    await writeOut(HELP);
    return 0;
  }
  const prefix = prefixOf(rest);
  standInForRuntimeHome();
  const destination = destinationOf(globals, readEnvironment());
  const ensureServer = () => ensured(destination, signal);
  await ensureServer();
  const bridge = new Bridge({
    transport: openTransport(connectOptions(destination)),
    path: prefix === null ? "/mcp" : `/mcp?tool_prefix=${prefix}`,
    ensureServer,
    write: writeOut,
    log: (text) => void writeErr(`fleetty mcp: ${text}\n`),
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
function prefixOf(rest: readonly string[]): string | null {
  const [flag, ...more] = rest.flatMap((word) => (word.startsWith("--tool-prefix=") ? word.split("=") : [word]));
  if (flag === undefined) return null;
  const [prefix] = more;
  if (flag !== "--tool-prefix" || more.length > 1) {
    throw new FleettyError("invalid_request", `fleetty mcp takes no ${rest.join(" ")}; see fleetty mcp --help`);
  }
  if (prefix !== undefined && isToolPrefix(prefix)) return prefix;
  throw new FleettyError("invalid_request", `--tool-prefix needs a value: ${TOOL_PREFIX_RULE}`);
}
