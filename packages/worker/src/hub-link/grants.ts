// Decides which operations a worker carries out for its hubs, whatever a hub says. Pure.
import { isAskedOverLinks, linkOperations } from "@fleetty/protocol/operations";

const ASKED = Object.values(linkOperations)
  .filter(isAskedOverLinks)
  .map(({ name }) => name);

export class Grants {
  readonly #patterns: readonly string[];
  readonly #within: Grants | null;

  /**
   * `*`, `sessions.*`, or names of operations; of these what `within` allows, too. Throws RangeError for a pattern that means
   * no operation which a hub can ask.
   */
  constructor(patterns: readonly string[], within: Grants | null = null) {
    const wrong = patterns.find((pattern) => !ASKED.some((operation) => isMeant(pattern, operation)));
    if (wrong !== undefined) throw new RangeError(problemOf(wrong));
    this.#patterns = patterns;
    this.#within = within;
  }

  allows(operation: string): boolean {
    const isWithin = this.#within?.allows(operation) ?? true;
    return isWithin && this.#patterns.some((pattern) => isMeant(pattern, operation));
  }
}

function isMeant(pattern: string, operation: string): boolean {
  const [noun] = operation.split(".");
  return pattern === "*" || pattern === operation || pattern === `${noun}.*`;
}

function problemOf(pattern: string): string {
  const means = `${JSON.stringify(pattern.slice(0, 80))} means nothing that a hub asks of a worker`;
  return pattern === "sessions.create"
    ? `${means}; to create is sessions.start there`
    : `${means}; write *, sessions.* or sessions.input`;
}
