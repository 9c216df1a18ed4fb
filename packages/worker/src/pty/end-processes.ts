// Ends all processes of a session, gently first where asked, and keeps the evidence. Decides order and patience; which
// processes belong is for SessionProcesses to say. Works also when the leader has gone before.
//
//   grace_ms 0:  KILL ──2 s──► survivors
//   else:        HUP ──grace──► TERM ──2 s──► KILL ──2 s──► survivors        (each step ends early when none is left)
import { FleettyError } from "@fleetty/protocol/errors";
import { type Clock, systemClock } from "./clock.ts";
import { commandOf, type ProcessIdentity, type ProcessStat } from "./processes.ts";
import { SessionProcesses } from "./session-processes.ts";
import { signalProcess } from "./signal-processes.ts";

/** What was done, as it is stored and shown. */
export interface KillEvidence {
  /** `signals` in order, only those that the kernel took; `start_time` in clock ticks since boot. */
  readonly signalled: readonly {
    readonly pid: number;
    readonly start_time: number;
    readonly command: string;
    readonly signals: readonly NodeJS.Signals[];
  }[];
  /** Pids still alive at the end: asleep in the kernel, another user's, or born faster than they could be ended. */
  readonly survivors: readonly number[];
}

export interface EndOptions {
  /** Milliseconds between HUP and TERM; 0 kills at once. */
  readonly graceMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Patience after TERM and after KILL (public contract). */
const STEP_MS = 2_000;
/** Between looks, doubling: what is killed is mostly gone within a millisecond, and a look costs a few of them. */
const POLL_MS = { first: 4, last: 64 };
/** A program that forks faster than it can be signalled gets no more rounds of a step that asks politely. */
const ROUNDS_MAX = 10;

/**
 * Resolves when none is left or nothing more can be done. Every process is identified by pid and start time again just
 * before it is signalled. Rejects when `signal` aborts, and with `unsupported` where there is no /proc.
 */
export async function endProcesses(leader: ProcessIdentity, options: EndOptions): Promise<KillEvidence> {
  const ending = new Ending(leader, options);
  if (options.graceMs > 0) {
    await ending.ask("SIGHUP", options.graceMs);
    await ending.ask("SIGTERM", STEP_MS);
  }
  await ending.kill(STEP_MS);
  return ending.evidence();
}

interface Signalled {
  readonly stat: ProcessStat;
  readonly command: string;
  readonly signals: NodeJS.Signals[];
}

class Ending {
  readonly #processes: SessionProcesses;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #signalled = new Map<string, Signalled>();

  constructor(leader: ProcessIdentity, options: EndOptions) {
    this.#processes = new SessionProcesses(leader);
    this.#clock = options.clock ?? systemClock;
    this.#signal = options.signal;
  }

  /** Signals each once, and then waits. What is born during the wait may be cleaning up and is left alone. */
  async ask(name: NodeJS.Signals, patienceMs: number): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX && this.#signalNew(name); round++);
    await this.#until(() => this.#processes.look().length === 0, patienceMs);
  }

  /** Also what is born during the wait. */
  async kill(patienceMs: number): Promise<void> {
    await this.#until(() => !this.#signalNew("SIGKILL") && this.#processes.look().length === 0, patienceMs);
  }

  evidence(): KillEvidence {
    const signalled = [...this.#signalled.values()].map(({ stat, command, signals }) => {
      return { pid: stat.pid, start_time: stat.startTime, command, signals };
    });
    return { signalled, survivors: this.#processes.look().map(({ pid }) => pid) };
  }

  /** Returns whether there was anybody who had not had this signal yet and could be reached. */
  #signalNew(name: NodeJS.Signals): boolean {
    let isNew = false;
    for (const stat of this.#processes.look()) {
      const record = this.#recordOf(stat);
      if (record.signals.includes(name) || !signalProcess(stat, name)) continue;
      this.#signalled.set(keyOf(stat), record);
      record.signals.push(name);
      // A stopped process takes the signal only when it goes on (signal(7)).
      if (stat.state === "T" && name !== "SIGKILL" && signalProcess(stat, "SIGCONT")) record.signals.push("SIGCONT");
      isNew = true;
    }
    return isNew;
  }

  #recordOf(stat: ProcessStat): Signalled {
    return this.#signalled.get(keyOf(stat)) ?? { stat, command: commandOf(stat), signals: [] };
  }

  async #until(isDone: () => boolean, patienceMs: number): Promise<void> {
    const deadlineMs = this.#clock.nowMs() + patienceMs;
    for (let pauseMs = POLL_MS.first; !isDone(); pauseMs = Math.min(pauseMs * 2, POLL_MS.last)) {
      const leftMs = deadlineMs - this.#clock.nowMs();
      if (leftMs <= 0) return;
      await this.#clock.sleep(Math.min(pauseMs, leftMs), this.#signal);
    }
  }
}

function keyOf(stat: ProcessStat): string {
  return `${stat.pid} ${stat.startTime}`;
}

/** What is said when not all of a session's processes could be ended. */
export function stillRunning(session: string, { survivors }: KillEvidence): FleettyError {
  const message = `processes ${survivors.join(", ")} of session ${JSON.stringify(session)} outlived KILL; try again`;
  return new FleettyError("still_running", message, { pids: survivors });
}
