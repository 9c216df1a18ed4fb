// Holds the one way our own code says that it broke a promise to itself. Knows no session, process or log.

/** A promise that our own code broke; whoever owns the affected session or process ends it and logs what was believed. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws InvariantError unless `condition` holds; `believed` states what was believed to be true. */
export function invariant(condition: unknown, believed: string): asserts condition {
  if (!condition) throw new InvariantError(`broken promise: ${believed}`);
}
