// Holds what was stated of a session of late, newest first, so that a person can be told why it is seen as it is. The same
// statement again is the same entry, seen later. Pure.
import type { Verdict } from "./verdict.ts";

export interface Statement extends Pick<Verdict, "source" | "rule" | "says"> {
  /** On the clock of the caller. */
  readonly atMs: number;
  readonly offset: number;
}

/** What is told at most (public contract, explain). */
const KEPT = 20;

export class EvidenceLog {
  readonly #statements: Statement[] = [];

  get newestFirst(): readonly Statement[] {
    return this.#statements;
  }

  add({ source, rule, says }: Verdict, atMs: number, offset: number): void {
    const statement = { source, rule, says, atMs, offset };
    const same = this.#statements.findIndex((one) => one.rule === rule && one.says === says);
    if (same >= 0) this.#statements.splice(same, 1);
    this.#statements.unshift(statement);
    if (this.#statements.length > KEPT) this.#statements.length = KEPT;
  }
}
