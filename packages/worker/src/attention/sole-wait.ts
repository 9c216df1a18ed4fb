// Decides from one look whether the terminal is all that its reader waits for: then nothing but input, a signal or a change that
// prints ends the wait, and looking again soon shows the same.
import type { KernelLook } from "../evidence/kernel-look.ts";

/** False where anything is doubtful, and where the reader is followed into a terminal of its own. */
export function waitsForTerminalAlone({ unreadBytes, foreground, inner }: KernelLook): boolean {
  if (unreadBytes !== 0 || inner !== null) return false;
  return (foreground?.processes ?? []).some(
    ({ waitingOn, waitsForOthersToo, isRegistered, isCertain }) =>
      waitingOn === "terminal" && !waitsForOthersToo && !isRegistered && isCertain,
  );
}
