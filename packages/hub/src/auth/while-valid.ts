// Tells once when a credential is over, whether it was taken back or has expired, and refuses what is asked with one that is.
// Knows nothing of what it let in.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Credential } from "./credential.ts";

/** Longest that a timer can be set for (Node: 2^31 - 1 ms, 24.8 days); tokens may live for a year. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Calls `tell` once it is over, at once if it is already. The answer takes the wish back. */
export function whenOver(credential: Credential, tell: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(timer);
    forget();
  };
  const over = () => {
    stop();
    tell();
  };
  const forget = credential.onEnd(over);
  const look = () => {
    const nowMs = Date.now();
    if (!credential.isValid(nowMs)) return over();
    const { expiresAtMs } = credential.facts;
    if (expiresAtMs !== null) timer = setTimeout(look, Math.min(expiresAtMs - nowMs, TIMER_MAX_MS));
  };
  look();
  return stop;
}

/** Throws `auth_invalid` when it is over: a caller is let in by its head, and a body may come long after it. */
export function requireValid(credential: Credential): void {
  if (!credential.isValid(Date.now())) throw endedMeanwhile();
}

/** What a caller is told whose credential was over before there was an answer. */
export function endedMeanwhile(): FleettyError {
  return new FleettyError("auth_invalid", "your token was taken back or has expired while you waited");
}
