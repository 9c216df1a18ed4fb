// `report`: says for a program that runs in a session what it wants, or that it is done, so that nobody has to guess. Writes to the
// terminal of the session, which is the only way that also leads out of containers and over ssh; asks no server.
import { writeSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import { readReporting } from "./config.ts";
import { writeOut } from "./print/output.ts";
import { openTerminal } from "./reporting-terminal.ts";

const STATES = ["needs_input", "done", "working"];
/** What a session host takes of it (public limits). */
const TEXT_MAX_BYTES = 1024;

const HELP = `fleetty report needs_input|done|working [--text TEXT]

Tells the session that this runs in what the program wants: for hooks of agents and for scripts. Written to the
terminal as an escape sequence that only programs of this session can make; it goes through ssh where the variable
FLEETTY_REPORT is passed on. A hook that has no terminal reports to that of the program which runs it.

  --text TEXT  what it asks, or what came of it; at most ${TEXT_MAX_BYTES} bytes
`;

/** Resolves with the exit code. Throws `invalid_request`. */
export async function runReport(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    await writeOut(HELP);
    return 0;
  }
  const { state, text } = read(args);
  const { nonce } = readReporting();
  if (nonce === undefined) {
    const message = "this is no session of fleetty: FLEETTY_REPORT is not set; run it in a session";
    throw new FleettyError("invalid_request", message);
  }
  const encoded = Buffer.from(text).toString("base64");
  writeToTerminal(openTerminal(nonce), `\x1b]7337;${nonce};${Date.now()};${state};${encoded}\x1b\\`);
  return 0;
}

function read(args: readonly string[]): { state: string; text: string } {
  const [state, flag, text = "", ...more] = args;
  if (state === undefined || !STATES.includes(state)) {
    throw new FleettyError("invalid_request", `report needs one of ${STATES.join(", ")}; see fleetty report --help`);
  }
  if (more.length > 0 || (flag !== undefined && (flag !== "--text" || args.length < 3))) {
    throw new FleettyError("invalid_request", "report takes a state and --text TEXT; see fleetty report --help");
  }
  if (Buffer.byteLength(text) > TEXT_MAX_BYTES) {
    throw new FleettyError("invalid_request", `--text is over ${TEXT_MAX_BYTES} bytes; say it shorter`);
  }
  return { state, text };
}

function writeToTerminal(terminal: number | null, sequence: string): void {
  if (terminal === null) {
    const message = "there is no terminal to report to; run it where the session's terminal can be reached";
    throw new FleettyError("invalid_request", message);
  }
  writeSync(terminal, sequence);
}
