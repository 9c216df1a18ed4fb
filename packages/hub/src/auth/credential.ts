// One right to be let in: who it makes its bearer, what that one may, until when. It can end at any moment, and whoever
// serves on its strength is told. Knows neither its text nor how it came.
import type { Verb } from "@fleetty/protocol/operations";
import { EVERYTHING, type Scope } from "./scope.ts";

export interface CredentialFacts {
  /** Name in the audit and in limits. */
  readonly principal: string;
  readonly kind: "human" | "agent";
  /** `admin` stands for all of them. */
  readonly verbs: ReadonlySet<Verb>;
  /** When it ends by itself; null for one that only ends when it is taken back. */
  readonly expiresAtMs: number | null;
  /** How far its verbs reach. */
  readonly scope: Scope;
}

export class Credential {
  readonly facts: CredentialFacts;
  readonly #told = new Set<() => void>();
  #isEnded = false;

  constructor(facts: CredentialFacts) {
    this.facts = facts;
  }

  isValid(nowMs: number): boolean {
    const { expiresAtMs } = this.facts;
    return !this.#isEnded && (expiresAtMs === null || nowMs < expiresAtMs);
  }

  /** Takes it back for good. */
  end(): void {
    this.#isEnded = true;
    const told = [...this.#told];
    this.#told.clear();
    for (const tell of told) tell();
  }

  /** `tell` is called once, when it is taken back; not when it expires. The answer takes the wish back. */
  onEnd(tell: () => void): () => void {
    this.#told.add(tell);
    return () => this.#told.delete(tell);
  }

  /** Another of the same rights until `expiresAtMs`, which ends with this one. */
  derived(expiresAtMs: number): Credential {
    const child = new Credential({ ...this.facts, expiresAtMs });
    child.onEnd(this.onEnd(() => child.end()));
    return child;
  }
}

/** Whoever can open the unix socket, and all that came from there. */
export function localCredential(): Credential {
  return unbounded("local");
}

/** Whoever has the root token. */
export function rootCredential(): Credential {
  return unbounded("root");
}

function unbounded(principal: string): Credential {
  return new Credential({
    principal,
    kind: "human",
    verbs: new Set(["admin"]),
    expiresAtMs: null,
    scope: EVERYTHING,
  });
}
