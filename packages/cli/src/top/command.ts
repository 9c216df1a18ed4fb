// `fleetty top`: the fleet live in this terminal, or with --once as one frame of it.
import { connect } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import { readEnvironment } from "../config.ts";
import { destinationOf, type Globals, splitGlobals } from "../globals.ts";
import { exitCodeText, globalLines, section } from "../help.ts";
import { connectOptions } from "../invoke.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { FleetReader } from "./fleet-reading.ts";
import { frame } from "./frame.ts";

export const topOptions: readonly (readonly [string, string])[] = [
  ["--once", "print one frame, all of it, and end; with --json what it is made of"],
  ["-h, --help", "print this"],
];

/** Resolves with the exit code. */
export async function runTop(args: readonly string[], before: Globals, signal: AbortSignal): Promise<number> {
  const { globals, rest } = splitGlobals(args, before);
  if (rest.includes("--help") || rest.includes("-h")) return await showHelp();
  const unknown = rest.find((word) => word !== "--once");
  if (unknown !== undefined) throw unusable(`does not take ${JSON.stringify(unknown)}`);
  const isOnce = rest.length > 0;
  if (globals.json && !isOnce) throw unusable("takes --json with --once only");
  using client = connect(connectOptions(destinationOf(globals, readEnvironment())));
  if (!isOnce) return await (await import("./live-view.ts")).liveView(client);
  const reading = await new FleetReader(client, signal).first();
  const { servers, sessions } = reading;
  const nowMs = Date.now();
  if (globals.json) await printJson({ at: new Date(nowMs).toISOString(), servers, sessions });
  else
    await writeOut(
      frame(reading, { size: null, nowMs, skipped: 0 })
        .map(({ text }) => `${text}\n`)
        .join(""),
    );
  return 0;
}

function unusable(fact: string): FleettyError {
  return new FleettyError("invalid_request", `fleetty top ${fact}; see fleetty top --help`);
}

async function showHelp(): Promise<number> {
  const keys: readonly (readonly [string, string])[] = [
    ["q, Ctrl-C", "leave"],
    ["arrows, j, k", "scroll the sessions by one"],
    ["PgUp, PgDn, space", "by half a screen"],
    ["Home, End, g, G", "to the first, to the last"],
  ];
  const text = [
    "Usage: fleetty top [--once] [options]\n\nWatch the servers and sessions of a fleet live.\n",
    section("Options", topOptions),
    section("Keys", keys),
    section("Options of every command", globalLines()),
    "Examples\n  fleetty top\n  fleetty top --once --json\n",
    exitCodeText(),
  ];
  await writeOut(text.join("\n"));
  return 0;
}
