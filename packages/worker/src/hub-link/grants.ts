// Decides which operations a worker carries out for its hub, whatever the hub says. Pure.
import { FleettyError } from "@fleetty/protocol/errors";

/** `*`, `sessions.*`, or the name of one operation. */
const PATTERN = /^(\*|[a-z_]+\.(\*|[a-z_]+))$/;

export class Grants {
  readonly #patterns: readonly string[];

  /** Throws `invalid_request` for what is no pattern. */
  constructor(patterns: readonly string[]) {
    const wrong = patterns.find((pattern) => !PATTERN.test(pattern));
    if (wrong !== undefined) {
      const message = `${JSON.stringify(wrong.slice(0, 80))} names no operations; write *, sessions.* or sessions.input`;
      throw new FleettyError("invalid_request", message, { field: "grant" });
    }
    this.#patterns = patterns;
  }

  /** Throws `forbidden {reason: "grants"}`. */
  require(operation: string): void {
    const [noun] = operation.split(".");
    if (this.#patterns.some((pattern) => pattern === "*" || pattern === operation || pattern === `${noun}.*`)) return;
    const message = `${operation} is not granted to this hub; the worker's --grant says what is`;
    throw new FleettyError("forbidden", message, { reason: "grants", operation });
  }
}
