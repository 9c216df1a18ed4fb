// Decides what is known of a session whose host is gone: its exit if the host wrote it, else that it is unknown; and
// names processes that live on without a terminal. Ends nothing; takes away a prompt in a file, which its host would have.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { isRunning } from "../pty/processes.ts";
import { SessionFiles } from "../session-host/session-files.ts";

export interface LostVerdict {
  readonly info: SessionInfo;
  /** Processes of the session that are still there, by evidence of pid, start time and boot. */
  readonly survivors: readonly number[];
  /** Why files of it could not be read; what they would say is taken for unknown. */
  readonly problems: readonly unknown[];
}

export async function judgeLost(stateDir: string, last: SessionInfo): Promise<LostVerdict> {
  const files = new SessionFiles(stateDir, last.id);
  const problems: unknown[] = [];
  const unreadable = (problem: unknown) => void problems.push(problem);
  await files.removePrompt().catch(unreadable);
  const exit = await files.readExit().catch(unreadable);
  if (exit) return { info: exit.info, survivors: [], problems };
  const process = await files.readProcess().catch(unreadable);
  const survives = process && isRunning({ pid: process.pid, startTime: process.start_time, bootId: process.boot_id });
  const info: SessionInfo = {
    ...last,
    state: "exited",
    exit: { unknown: true },
    end_reason: "host_lost",
    exited_at: new Date().toISOString(),
  };
  return { info, survivors: survives ? [process.pid] : [], problems };
}
