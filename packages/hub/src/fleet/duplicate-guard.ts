// Keeps a copy of a member's state from taking the member's place: asks the link that there is for a sign of life where the
// rule wants one, and remembers what it has seen until a person has looked.
import type { Unwelcome } from "@fleetty/carrier/hub-greeting";
import type { MemberHello } from "@fleetty/protocol/link";
import { Alternations, judgeDuplicate, type LinkedRun } from "./duplicate.ts";
import type { MemberLink } from "./member-link.ts";

export type DuplicateCondition = {
  readonly type: "CloneSuspected";
  readonly reason: string;
  readonly since: string;
};

/** A live holder answers a ping in milliseconds, one on a bad network within this (link protocol, duplicates). */
const ANSWERS_WITHIN_MS = 2_000;

const FLAPPING = "two runs of it take each other's place again and again";
const COPIED =
  "its state folder or its machine was copied: keep one, give the other an id and a key of its own, then approve";

export class DuplicateGuard {
  readonly #alternations = new Alternations();
  #condition: DuplicateCondition | null = null;
  #isFlapping = false;
  #onHeard: (() => void) | null = null;

  get conditions(): readonly DuplicateCondition[] {
    return this.#condition ? [this.#condition] : [];
  }

  /** Something came over the link that there is. */
  heard(): void {
    this.#onHeard?.();
  }

  /** Null when the newcomer may have the link. `nowMs` is monotonic. */
  async judge(hello: MemberHello, holder: MemberLink | null, nowMs: number): Promise<Unwelcome | null> {
    if (this.#isFlapping) return { reason: "bad_identity", detail: FLAPPING };
    if (holder) {
      const refusal = await this.#againstHolder(runOf(hello), holder);
      if (refusal) return refusal;
    }
    if (!this.#alternations.isTooMany(hello.start_id, nowMs)) return null;
    this.#isFlapping = true;
    this.#suspect(FLAPPING);
    holder?.close(4001, "bad identity");
    return { reason: "bad_identity", detail: FLAPPING };
  }

  letIn({ start_id: startId }: MemberHello, nowMs: number): void {
    this.#alternations.letIn(startId, nowMs);
  }

  /** A person has looked, and decided. */
  clear(): void {
    this.#alternations.clear();
    this.#condition = null;
    this.#isFlapping = false;
  }

  async #againstHolder(newcomer: LinkedRun, link: MemberLink): Promise<Unwelcome | null> {
    const holder = runOf(link.hello);
    const first = judgeDuplicate(newcomer, holder, null);
    const verdict = first === "ask" ? judgeDuplicate(newcomer, holder, await this.#answers(link)) : first;
    if (verdict === "newcomer") return null;
    if (verdict === "clone") this.#suspect(`seen on machine ${holder.hostPrint} and on ${newcomer.hostPrint}`);
    const detail = verdict === "clone" ? `a live link of it is on another machine` : "a newer run of it is linked";
    return { reason: "duplicate", detail };
  }

  async #answers(link: MemberLink): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ANSWERS_WITHIN_MS);
    this.#onHeard = () => resolve(true);
    link.end.ping();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#onHeard = null;
    }
  }

  #suspect(seen: string): void {
    this.#condition ??= { type: "CloneSuspected", reason: `${seen}; ${COPIED}`, since: new Date().toISOString() };
  }
}

function runOf({ host_print: hostPrint, incarnation }: MemberHello): LinkedRun {
  return { hostPrint, incarnation };
}
