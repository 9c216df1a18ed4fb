// Makes, takes back and looks at the codes with which servers may join that this one cannot dial. What is kept of a code is a
// hash of its secret, so it is shown once.

import type { SignedHello } from "@fleetty/carrier/hub-greeting";
import { makeJoinCode } from "@fleetty/carrier/join-code";
import { isProofOf } from "@fleetty/carrier/proof";
import { FleettyError } from "@fleetty/protocol/errors";
import type { MemberHello } from "@fleetty/protocol/link";
import { type HubStore, JOIN_CODES_MAX, type JoinCodeRecord } from "../store/hub-store.ts";

export interface JoinCodesOptions {
  readonly store: Pick<HubStore, "addJoinCode" | "joinCode" | "removeJoinCode">;
  /** This server's public key, which a code names. */
  readonly key: string;
}

export interface JoinTerms {
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly ttlMs: number;
  readonly approve: boolean;
}

/** What a hello shows of a code: `none` also for an unknown one and a wrong proof, which are not told apart. */
export type ShownCode =
  | { readonly kind: "none" }
  | { readonly kind: "valid"; readonly code: JoinCodeRecord }
  | { readonly kind: "used" | "expired"; readonly code: JoinCodeRecord };

export class JoinCodes {
  readonly #options: JoinCodesOptions;

  constructor(options: JoinCodesOptions) {
    this.#options = options;
  }

  /** Throws `resource_limit_reached`. */
  async make({ name, labels, ttlMs, approve }: JoinTerms, nowMs: number) {
    const { store, key } = this.#options;
    const { id, text, secretHash } = makeJoinCode(key);
    const expiresAtMs = nowMs + ttlMs;
    const kept = { id, secret_hash: secretHash, name, labels, approve, expires_at_ms: expiresAtMs, used_at_ms: null };
    if (await store.addJoinCode(kept, nowMs)) return { id, code: text, expiresAtMs };
    const message = `${JOIN_CODES_MAX} join codes wait to be used already; take some back, or wait until they expire`;
    throw new FleettyError("resource_limit_reached", message, { limit: "join_codes", max: JOIN_CODES_MAX });
  }

  /** Throws `join_code_not_found`, also for one that was used or has expired. */
  async revoke(id: string, nowMs: number): Promise<void> {
    if (await this.#options.store.removeJoinCode(id, nowMs)) return;
    const message = `there is no join code ${JSON.stringify(id.slice(0, 80))} that could still be used`;
    throw new FleettyError("join_code_not_found", message);
  }

  async shownBy({ join }: MemberHello, { text, isValid }: SignedHello, nowMs: number): Promise<ShownCode> {
    const code = join && isValid ? await this.#options.store.joinCode(join.id) : null;
    if (!code || !join || !isProofOf(code.secret_hash, text, join.proof)) return { kind: "none" };
    if (code.used_at_ms !== null) return { kind: "used", code };
    return { kind: code.expires_at_ms > nowMs ? "valid" : "expired", code };
  }
}
