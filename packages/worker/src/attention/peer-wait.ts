// Decides when somebody else is looked for who asks in the name of the foreground: once everybody there has waited for peers (a
// server of tmux, a pinentry of gpg) for so long that it is no mere exchange. Pure: the caller brings the clock.
import { waitForPeers } from "../evidence/elsewhere.ts";
import type { KernelLook } from "../evidence/kernel-look.ts";

const LONG_MS = 300;

export class PeerWait {
  #sinceMs: number | null = null;

  seen({ foreground }: KernelLook, nowMs: number): void {
    if (!waitForPeers(foreground?.processes ?? [])) this.#sinceMs = null;
    else this.#sinceMs ??= nowMs;
  }

  areLongWaitedFor(nowMs: number): boolean {
    return this.#sinceMs !== null && nowMs - this.#sinceMs >= LONG_MS;
  }
}
