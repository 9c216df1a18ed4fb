// Receives the workers that dial this server: lets in those that are known by their key, and, once for each code, those that
// prove to have a join code. What a member is and may do is decided where all members are judged.
//
//   hello ──known key──► the member judges ──► linked
//     └─────code proved──► pinned, code used up (one transaction) ──► the member judges ──► linked

import type { Socket } from "node:net";
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { type GreetedMember, greetMember, type SignedHello, type Unwelcome } from "@fleetty/carrier/hub-greeting";
import { closeSoon } from "@fleetty/carrier/socket-end";
import { isId } from "@fleetty/protocol/ids";
import { judgeHello, type MemberHello } from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import type { HubStore, JoinCodeRecord, MemberRecord } from "../store/hub-store.ts";
import type { JoinCodes, ShownCode } from "./join-codes.ts";
import type { Member } from "./member.ts";
import { openMemberLink } from "./member-link.ts";
import type { OwnServer } from "./own-server.ts";

/** Somebody who showed a code that was his, for the audit. */
export interface JoinAttempt {
  readonly code: string;
  /** Lasting id that the worker told of. */
  readonly server: string;
  readonly outcome: "ok" | "used" | "expired";
  readonly address: string | null;
}

export interface ReceptionOptions {
  readonly own: OwnServer;
  readonly codes: JoinCodes;
  readonly store: Pick<HubStore, "joinMember">;
  readonly members: () => readonly Member[];
  readonly membersMax: number;
  readonly isRevoked: (key: string) => boolean;
  /** A new member, or one that was revoked and comes with another key: from now on it is this. */
  readonly admit: (record: MemberRecord) => Member;
  readonly onAttempt: (attempt: JoinAttempt) => void;
}

export interface Dialler {
  readonly socket: WebSocket;
  /** The socket below it. */
  readonly below: Socket;
  readonly address: string | null;
}

export class Reception {
  readonly #options: ReceptionOptions;
  /** One at a time for each server: of two links of one server, the second is judged by the first. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Resolves when the worker is linked. Rejects with NotWelcome, MalformedFrame, or what ended the socket, which is closed then. */
  async greet({ socket, below, address }: Dialler): Promise<Member> {
    const messages = new HandshakeMessages(socket);
    let member: Member | null = null;
    try {
      const greeted = await this.#greeted({ socket, messages, address }, (met) => {
        member = met;
      });
      const met = member as unknown as Member;
      met.opened(await openMemberLink({ socket, below, contacted: null, messages, greeted }, met.linkEvents()));
      return met;
    } catch (thrown) {
      closeSoon(socket);
      (member as Member | null)?.failed({ reason: "closed", detail: "no inventory" });
      throw thrown;
    }
  }

  #greeted(
    { socket, messages, address }: { socket: WebSocket; messages: HandshakeMessages; address: string | null },
    onMet: (member: Member) => void,
  ): Promise<GreetedMember> {
    return greetMember(socket, messages, {
      hub: this.#options.own,
      judge: (hello, signed) =>
        this.#inTurn(hello.server, async () => {
          const met = await this.#met(hello, signed, address);
          if ("reason" in met && "detail" in met) return met;
          const member = met as Member;
          const verdict = await member.judge(hello, signed);
          if ("reason" in verdict) member.failed(verdict);
          else onMet(member);
          return verdict;
        }),
    });
  }

  /** The member that greets, once it is one; its link is another question. */
  async #met(hello: MemberHello, signed: SignedHello, address: string | null): Promise<Member | Unwelcome> {
    const { members, isRevoked } = this.#options;
    const known = members().find(({ record }) => record.origin === "join" && record.id === hello.server);
    const isNewKeyOfRevoked = known?.record.revoked && known.record.key !== hello.key && !isRevoked(hello.key);
    if (known && !isNewKeyOfRevoked) return known;
    return this.#newcomer(hello, signed, { address, before: known ?? null });
  }

  async #newcomer(
    hello: MemberHello,
    signed: SignedHello,
    { address, before }: { readonly address: string | null; readonly before: Member | null },
  ): Promise<Member | Unwelcome> {
    const { codes, store, admit, members, membersMax } = this.#options;
    const nowMs = Date.now();
    const shown = await codes.shownBy(hello, signed, nowMs);
    const refusal = this.#refusal(hello, { signed, shown, before });
    if (refusal) return this.#refused(hello, { shown, refusal, address });
    if (shown.kind !== "valid") return this.#refused(hello, { shown, refusal: NO_CODE, address });
    if (!before && members().length >= membersMax) return { reason: "overloaded", detail: "as many members as may be" };
    const record = recordOf(hello, shown.code, before);
    const isJoined = await store.joinMember({ code: shown.code.id, record, at_ms: nowMs });
    const used = { kind: "used", code: shown.code } as const;
    if (!isJoined) return this.#refused(hello, { shown: used, refusal: NO_CODE, address });
    this.#options.onAttempt({ code: shown.code.id, server: hello.server, outcome: "ok", address });
    return admit(record);
  }

  /** What speaks against it, whatever its code; to a stranger only what a stranger may know. */
  #refusal(
    hello: MemberHello,
    { signed, shown, before }: { signed: SignedHello; shown: ShownCode; before: Member | null },
  ): Unwelcome | null {
    const { own, members, isRevoked } = this.#options;
    const refusal = judgeHello(hello, {
      own,
      isSigned: signed.isValid,
      pinnedKey: null,
      pinnedServer: null,
      isRevoked: isRevoked(hello.key),
      isApproved: true,
      name: shown.kind === "valid" ? shown.code.name : null,
      others: members()
        .filter((member) => member !== before)
        .map(({ record, hostname }) => ({ id: record.server, hostname })),
    });
    const isTold = shown.kind === "valid" || STRANGERS_LEARN.has(refusal?.reason ?? "");
    if (refusal && isTold) return refusal;
    // It becomes a member's id and part of its address.
    return isId("srv", hello.server) ? null : { reason: "bad_identity", detail: "its id is none of a server" };
  }

  #refused(
    { server }: MemberHello,
    { shown, refusal, address }: { shown: ShownCode; refusal: Unwelcome; address: string | null },
  ): Unwelcome {
    if (shown.kind === "used" || shown.kind === "expired") {
      this.#options.onAttempt({ code: shown.code.id, server, outcome: shown.kind, address });
    }
    return refusal;
  }

  #inTurn<T>(server: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(server) ?? Promise.resolve();
    const turn = before.then(act);
    const ended = turn.then(
      () => {},
      () => {},
    );
    this.#turns.set(server, ended);
    void ended.then(() => this.#turns.get(server) === ended && this.#turns.delete(server));
    return turn;
  }
}

/** Of unknown, used and expired codes and of wrong proofs: none of them is told apart. */
const NO_CODE: Unwelcome = {
  reason: "bad_identity",
  detail: "it is not known here, and has no join code that can be used",
};

/** What is no secret of the fleet. */
const STRANGERS_LEARN: ReadonlySet<string> = new Set(["incompatible_version", "self", "revoked"]);

function recordOf(
  { server, key, hostname }: MemberHello,
  { name, labels, approve }: JoinCodeRecord,
  before: Member | null,
): MemberRecord {
  const kept = before?.record;
  return {
    id: server,
    address: `link:${server}`,
    origin: "join",
    name: name ?? kept?.name ?? null,
    labels: { ...kept?.labels, ...labels },
    cordoned: kept?.cordoned ?? false,
    draining: kept?.draining ?? false,
    token: null,
    server,
    key,
    hostname,
    link_generation: kept?.link_generation ?? 0,
    added_at: kept?.added_at ?? new Date().toISOString(),
    approved: !approve,
    revoked: false,
  };
}
