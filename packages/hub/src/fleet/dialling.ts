// The way of a member that this server dials: for ever, ever more seldom, one attempt at a time.
import { Redial } from "@fleetty/carrier/redial";
import type { Secret } from "@fleetty/protocol/secret";
import type { Logger } from "pino";
import type { Condition } from "./conditions.ts";
import type { DialRules } from "./configured-fleet.ts";
import { type DialFailure, dialMember } from "./dial-member.ts";
import { readDialledAddress } from "./dialled-address.ts";
import type { Member } from "./member.ts";
import type { MemberLink } from "./member-link.ts";
import { tokenFor } from "./token-cascade.ts";
import type { NoLink, Way } from "./way.ts";

export interface DiallingParts {
  /** How members are dialled, as it stands now. */
  readonly rules: () => DialRules;
  /** The member's own, as it is now. Throws when it cannot be opened. */
  readonly token: () => Secret | null;
  readonly log: Logger;
}

export class Dialling implements Way {
  readonly kind = "dialled";
  readonly #member: Member;
  readonly #parts: DiallingParts;
  readonly #redial = new Redial();
  readonly #conditions: readonly Condition[];
  #dialling: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(member: Member, parts: DiallingParts) {
    this.#member = member;
    this.#parts = parts;
    this.#conditions = conditionsOf(member);
  }

  begin(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#redial.succeeded();
    void this.#dial();
  }

  linked(): void {
    this.#redial.succeeded();
  }

  again(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#dial(), this.#redial.failed(Math.random()));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer ?? undefined);
    this.#dialling?.abort();
  }

  renew(): boolean {
    this.#dialling?.abort();
    this.#dialling = null;
    return true;
  }

  async judgeOpen(contacted: string | null): Promise<NoLink | null> {
    const address = readDialledAddress(this.#member.address);
    if (contacted === null || address.scheme === "unix") return null;
    const { connect } = this.#parts.rules();
    const judged = await connect.judgeOpen(address, contacted);
    return judged.kind === "failed" && judged.reason === "address_denied" ? judged : null;
  }

  conditions(): readonly Condition[] {
    return this.#conditions;
  }

  async #dial(): Promise<void> {
    if (this.#isClosed || this.#dialling) return;
    const dialling = new AbortController();
    this.#dialling = dialling;
    try {
      const outcome = await this.#attempt(dialling.signal);
      if (dialling.signal.aborted) return outcome.kind === "linked" ? outcome.cut() : undefined;
      this.#dialling = null;
      if (outcome.kind === "failed") this.#member.failed(outcome);
      else this.#member.opened(outcome);
    } catch (err) {
      if (dialling.signal.aborted) return;
      this.#dialling = null;
      this.#parts.log.error({ server: this.#member.id, err }, "a member could not be dialled");
      this.#member.failed({ reason: "dial_failed", detail: "internal" });
    }
  }

  #attempt(signal: AbortSignal): Promise<MemberLink | DialFailure> {
    const { connect, shared } = this.#parts.rules();
    const member = this.#member;
    const address = readDialledAddress(member.address);
    const own = this.#parts.token();
    return dialMember(
      {
        address,
        connect,
        token: (contact) => tokenFor(own, shared, contact),
        greeting: { hub: member.hub, judge: (hello, signed) => member.judge(hello, signed) },
        events: member.linkEvents(),
      },
      signal,
    );
  }
}

function conditionsOf({ address, record }: Member): readonly Condition[] {
  const read = readDialledAddress(address);
  if (read.scheme !== "http" || read.isLoopback) return [];
  const reason = "what goes over this link can be read on the way; register it by its https:// address";
  return [{ type: "Plaintext", reason, since: record.added_at }];
}
