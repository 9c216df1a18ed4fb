// Starts a server of this user in the background when none answers, and waits until it does. Two that start at once are
// no matter: the instance's lock lets one of them win, and both callers only look for an answer.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connect } from "@fleetty/client";
import { exitCodeForStatus, FleettyError } from "@fleetty/protocol/errors";
import type { LocalDestination } from "./globals.ts";
import { StartLog } from "./start-log.ts";

/** A server adopts 200 sessions within a second or two; a cold machine takes a few more to read its files. */
const START_MAX_MS = 20_000;
/** What a server exits with when another one holds the instance (`not_ready`). */
const INSTANCE_TAKEN = exitCodeForStatus(503);
/** How long that other one may take: to answer when it was started at the same moment, to go when it is stopping. */
const LOST_RACE_MS = 5_000;
/** Between two looks: a fraction of what a start takes, and nothing for the server to answer. */
const LOOK_MS = 50;
/** Between two tries at an instance that is taken: a start costs a quarter of a second of somebody's processor. */
const TRY_AGAIN_MS = 500;

/** Returns at once when a server answers. Throws `server_unavailable` with the end of its log when none comes up. */
export async function ensureServer(server: LocalDestination, signal: AbortSignal): Promise<void> {
  if (await answers(server, signal)) return;
  const start = new Start(server);
  while (!(await answers(server, signal))) {
    if (start.isOver(performance.now())) throw failure(server, start.log);
    await pause(LOOK_MS, signal);
  }
}

/** The tries to start a server: one, and more only while another one holds the instance, since that one may be stopping. */
class Start {
  readonly log: StartLog;
  readonly #server: LocalDestination;
  readonly #deadline = performance.now() + START_MAX_MS;
  /** When the instance was first found taken. */
  #takenAt = Number.POSITIVE_INFINITY;
  #tryAgainAt = Number.POSITIVE_INFINITY;
  #hasFailed = false;

  constructor(server: LocalDestination) {
    this.#server = server;
    this.log = new StartLog(server.stateDir);
    this.#try();
  }

  /** Whether nothing more is to be hoped for; tries again when it is time to. */
  isOver(nowMs: number): boolean {
    if (this.#hasFailed || nowMs > this.#deadline) return true;
    if (nowMs < this.#tryAgainAt) return false;
    if (nowMs > this.#takenAt + LOST_RACE_MS) return true;
    this.#try();
    return false;
  }

  #try(): void {
    this.#tryAgainAt = Number.POSITIVE_INFINITY;
    spawnServer(this.#server, this.log)
      .once("exit", (code) => this.#ended(code, performance.now()))
      .once("error", () => this.#ended(null, performance.now()))
      .unref();
  }

  #ended(code: number | null, nowMs: number): void {
    if (code !== INSTANCE_TAKEN) this.#hasFailed = true;
    this.#takenAt = Math.min(this.#takenAt, nowMs);
    this.#tryAgainAt = nowMs + TRY_AGAIN_MS;
  }
}

/** Whether a server answers now. Throws when nothing may be sent to that socket, and `cancelled`. */
async function answers({ socket }: LocalDestination, signal: AbortSignal): Promise<boolean> {
  using client = connect({ socket, checkInputs: false });
  try {
    await client.health.get({}, { signal });
    return true;
  } catch (error) {
    if (error instanceof FleettyError && error.retryable) return false;
    throw error;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return wait(ms, undefined, { signal }).catch(() => {});
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
