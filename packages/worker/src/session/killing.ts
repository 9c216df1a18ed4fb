// Ends the processes of one session for whoever asks, and remembers why it was asked first and what was done.
import { endProcesses, type KillEvidence } from "../pty/end-processes.ts";
import type { Pty } from "../pty/pty.ts";

export class Killing {
  #first: { readonly reason: string; readonly evidence: Promise<KillEvidence> } | null = null;

  /** Why it is being ended; null: nobody has asked. */
  get reason(): string | null {
    return this.#first?.reason ?? null;
  }

  /** What the first did, once it is done; null for a session that ended by itself, and where processes cannot be told apart. */
  async evidence(): Promise<KillEvidence | null> {
    return (await this.#first?.evidence.catch(() => null)) ?? null;
  }

  /** Resolves when all that can be done is done: what has outlived it is in the evidence. */
  end(pty: Pty, { graceMs, reason }: { graceMs: number; reason: string }): Promise<KillEvidence> {
    const evidence = endProcesses(pty, { graceMs });
    this.#first ??= { reason, evidence };
    return evidence;
  }
}
