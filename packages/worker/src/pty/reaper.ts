// Collects programs that have ended, and tells how: whenever the kernel says that some child has, it asks for each of ours.
// Knows processes by their id, which stays theirs until it is collected here.
import { invariant } from "@fleetty/protocol/invariant";
import { type LibC, memory } from "./libc.ts";

/** As waitpid(2) has it: `signal` is 0 for a program that exited by itself. */
export type OnReaped = (code: number, signal: number) => void;

const WNOHANG = 1;

export class Reaper {
  readonly #libC: LibC;
  readonly #children = new Map<number, OnReaped>();
  readonly #status = memory(4);
  /**
   * Made before the first child: with SIGCHLD ignored, as whoever started this process may have left it, the kernel would
   * collect children itself and nobody would learn how they ended (POSIX, "Consequences of Process Termination").
   */
  constructor(libC: LibC) {
    this.#libC = libC;
    process.on("SIGCHLD", () => this.#sweep());
  }

  /** Calls back once, when the child has ended; not before this returns. Signals coalesce and may have come before. */
  watch(pid: number, onReaped: OnReaped): void {
    this.#children.set(pid, onReaped);
    setImmediate(() => {
      if (this.#children.get(pid) === onReaped) this.#collect(pid, onReaped);
    });
  }

  #sweep(): void {
    for (const [pid, onReaped] of this.#children) this.#collect(pid, onReaped);
  }

  #collect(pid: number, onReaped: OnReaped): void {
    const collected = this.#libC.waitpid(pid, this.#status, WNOHANG);
    if (collected === 0) return;
    this.#children.delete(pid);
    invariant(collected === pid, `nobody else collects process ${pid}, which is a child of ours`);
    const status = this.#status.readInt32LE();
    const signal = status & 0x7f;
    onReaped(signal === 0 ? (status >> 8) & 0xff : 0, signal);
  }
}
