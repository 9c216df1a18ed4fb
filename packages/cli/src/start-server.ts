// Starts a server of this user in the background when none answers, and waits until it does. Two that start at once are
// no matter: the instance's lock lets one of them win, and both callers only look for an answer.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { connect } from "@fleetty/client";
import { exitCodeForStatus, FleettyError } from "@fleetty/protocol/errors";
import type { LocalDestination } from "./globals.ts";
import { StartLog } from "./start-log.ts";

/** A server adopts 200 sessions within a second or two; a cold machine takes a few more to read its files. */
const START_MAX_MS = 20_000;
/** What a server exits with when another one holds the instance (`not_ready`). */
const INSTANCE_TAKEN = exitCodeForStatus(503);
/** How long that other one may take to answer, which was started at the same moment. */
const LOST_RACE_MS = 5_000;
/** Between two looks: a fraction of what a start takes, and nothing for the server to answer. */
const LOOK_MS = 50;

/** Returns at once when a server answers. Throws `server_unavailable` with the end of its log when none comes up. */
export async function ensureServer(server: LocalDestination, signal: AbortSignal): Promise<void> {
  if (await answers(server)) return;
  const log = new StartLog(server.stateDir);
  const child = spawnServer(server, log);
  let deadline = performance.now() + START_MAX_MS;
  const hasEnded = (code: number | null) => {
    const patienceMs = code === INSTANCE_TAKEN ? LOST_RACE_MS : 0;
    deadline = Math.min(deadline, performance.now() + patienceMs);
  };
  child
    .once("exit", hasEnded)
    .once("error", () => hasEnded(null))
    .unref();
  while (!(await answers(server))) {
    if (signal.aborted) throw new FleettyError("cancelled", "interrupted");
    if (performance.now() > deadline) throw failure(server, log);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Whether a server answers now. Throws when nothing may be sent to that socket. */
async function answers({ socket }: LocalDestination): Promise<boolean> {
  using client = connect({ socket, checkInputs: false });
  try {
    await client.health.get();
    return true;
  } catch (error) {
    if (error instanceof FleettyError && error.retryable) return false;
    throw error;
  }
}

/** In a session of its own, so that neither the terminal's end nor its interrupts reach it. */
function spawnServer(server: LocalDestination, log: StartLog) {
  const socket = server.isSocketChosen ? ["--socket", server.socket] : [];
  const args = [join(import.meta.dirname, "main.ts"), "-L", server.instance, ...socket, "server"];
  const output = log.open();
  try {
    return spawn(process.execPath, args, { detached: true, cwd: "/", stdio: ["ignore", "ignore", output] });
  } finally {
    log.close(output);
  }
}

function failure({ instance }: LocalDestination, log: StartLog): FleettyError {
  const said = log.end();
  const told = said === "" ? "it said nothing" : `it said:\n${said}`;
  return new FleettyError(
    "server_unavailable",
    `the server of instance ${instance} did not come up; run "fleetty -L ${instance} server" to see why; ${told}`,
    { reason: "not_started", may_have_run: false },
  );
}
