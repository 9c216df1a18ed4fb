// Answers one question, on the path of every short command: does the session's own program, in the foreground, read this
// terminal as a shell at its prompt does? Looks at nothing else.
import { statOf } from "./foreground.ts";
import { interpreterOf } from "./interpreter.ts";
import { type Kernel, linuxKernel } from "./kernel.ts";
import type { LookTarget } from "./kernel-look.ts";
import { ProcessView } from "./process-look.ts";
import { programOf } from "./program.ts";

/**
 * The kernel's agreement with a prompt's mark. True also means that all that was typed before has been taken. Null where
 * it cannot be asked.
 */
export function shellReads(target: LookTarget, kernel: Kernel = linuxKernel): boolean | null {
  if (target.heldSlaveFd === null) return null;
  const unreadBytes = kernel.unreadBytes(target.heldSlaveFd);
  const terminal = kernel.openFile(target.heldSlaveFd);
  const leader = statOf(kernel, target.pid);
  if (unreadBytes === null || !terminal || leader?.startTime !== target.startTime) return null;
  if (leader.pgrp !== leader.foreground || unreadBytes > 0) return false;
  const isReading = new ProcessView(kernel, terminal, leader).firstThreadReads();
  // Asked last: while the shell is blocked nobody changes it, and before, it may still have been that of the prompt.
  const mode = isReading ? kernel.lineMode(target.heldSlaveFd) : null;
  if (!isReading || !mode) return isReading && null;
  return !mode.isOn || interpreterOf(programOf(kernel, leader))?.editsLine === false;
}
