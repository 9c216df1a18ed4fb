// Counts the calls of each caller that are waiting for something to happen, and refuses more than the limit. Knows no call.
import { FleettyError } from "@fleetty/protocol/errors";

/** Of one principal (public limits). */
const WAITS_MAX = 1_000;

export class WaitPlaces {
  readonly #byPrincipal = new Map<string, number>();

  /** Returns how to give the place back, once. Throws `resource_limit_reached`. */
  take(principal: string): () => void {
    const count = this.#byPrincipal.get(principal) ?? 0;
    if (count >= WAITS_MAX) throw tooMany();
    this.#byPrincipal.set(principal, count + 1);
    return () => this.#leave(principal);
  }

  #leave(principal: string): void {
    const left = (this.#byPrincipal.get(principal) ?? 1) - 1;
    if (left === 0) this.#byPrincipal.delete(principal);
    else this.#byPrincipal.set(principal, left);
  }
}

function tooMany(): FleettyError {
  const message = `${WAITS_MAX} waits of yours are under way; let one end first`;
  return new FleettyError("resource_limit_reached", message, { limit: "waits", max: WAITS_MAX });
}
