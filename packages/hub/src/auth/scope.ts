// Holds how far a credential reaches: which servers of the fleet, and which sessions on them. Knows no fleet; what a scope
// means is decided anew at each use, where the fleet is known.
import { parseServerSet, type ServerSet } from "@fleetty/protocol/server-set";

export interface Scope {
  /** Null for all servers, also those that nobody knows yet. */
  readonly on: ServerSet | null;
  /** A session that is seen carries one of them at least; none is no bound. What is created carries the first. */
  readonly tags: readonly string[];
}

export const EVERYTHING: Scope = { on: null, tags: [] };

/** Throws `invalid_selector`. */
export function scopeOf({ on, tags }: { readonly on: string; readonly tags: readonly string[] }): Scope {
  return { on: on.trim() === "*" ? null : parseServerSet(on), tags };
}

export function isBounded({ on, tags }: Scope): boolean {
  return on !== null || tags.length > 0;
}

/** Whether a session that carries `tags` is within it, as far as sessions go. */
export function allowsTags({ tags: allowed }: Scope, tags: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((tag) => tags.includes(tag));
}
