// The table of idempotency keys in hub.db: who claimed which, with what body, and what was answered.
import type { DatabaseSync } from "node:sqlite";
import { type ClaimState, KEY_KEPT_MS, type KeyClaim, type KeyRef, type OpenClaim } from "./hub-store.ts";

export class KeyTable {
  readonly #expire;
  readonly #find;
  readonly #count;
  readonly #insert;
  readonly #answer;
  readonly #free;
  readonly #open;

  constructor(database: DatabaseSync) {
    this.#expire = database.prepare("DELETE FROM keys WHERE at_ms < ?");
    this.#find = database.prepare(
      "SELECT body_hash, id, answer FROM keys WHERE principal = ? AND operation = ? AND key = ?",
    );
    this.#count = database.prepare("SELECT count(*) AS keys FROM keys");
    this.#insert = database.prepare(
      `INSERT INTO keys (principal, operation, key, body_hash, id, at_ms)
       VALUES (:principal, :operation, :key, :body_hash, :id, :at_ms)`,
    );
    this.#answer = database.prepare("UPDATE keys SET answer = ? WHERE principal = ? AND operation = ? AND key = ?");
    this.#free = database.prepare("DELETE FROM keys WHERE principal = ? AND operation = ? AND key = ?");
    this.#open = database.prepare("SELECT principal, operation, key, id FROM keys WHERE answer IS NULL");
  }

  claim(claim: KeyClaim, max: number): ClaimState {
    this.#expire.run(claim.at_ms - KEY_KEPT_MS);
    const { principal, operation, key } = claim;
    const found = this.#find.get(principal, operation, key);
    if (found) return stateOf(found, claim);
    if (Number(this.#count.get()?.["keys"]) >= max) return { state: "full" };
    this.#insert.run({ ...claim });
    return { state: "new" };
  }

  answer({ principal, operation, key }: KeyRef, answer: string): void {
    this.#answer.run(answer, principal, operation, key);
  }

  free({ principal, operation, key }: KeyRef): void {
    this.#free.run(principal, operation, key);
  }

  open(): OpenClaim[] {
    return this.#open.all().map((row) => ({ ...row }) as unknown as OpenClaim);
  }
}

function stateOf(found: Record<string, unknown>, { body_hash: bodyHash }: KeyClaim): ClaimState {
  if (found["body_hash"] !== bodyHash) return { state: "other_body" };
  if (found["answer"] === null) return { state: "open", id: String(found["id"]) };
  return { state: "answered", answer: String(found["answer"]) };
}
