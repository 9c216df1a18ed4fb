// Keeps the link to one member that the hub dials: dials it, for ever and ever more seldom, judges who answers, watches
// whether the link is alive, and knows the member's sessions as they were told last. Knows no operation and no caller.
//
//   connecting ──sessions told──► healthy ──closed, silent──► unavailable ──welcomed again──► connecting
//       │ attempt failed                                          ▲ attempt failed
//       ├─────────────────────────────────────────────────────────┘
//       └──refused by a rule──► rejected ──a person changes something──► connecting

import type { Unwelcome, Welcomed } from "@fleetty/carrier/hub-greeting";
import type { ServerKey } from "@fleetty/carrier/server-key";
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { MemberHello, MemberStatus } from "@fleetty/protocol/link";
import { type HelloFacts, judgeHello, LinkWorker, Liveness, memberLiveness } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Secret } from "@fleetty/protocol/secret";
import type { Logger } from "pino";
import type { MemberRecord } from "../store/hub-store.ts";
import type { DialRules } from "./configured-fleet.ts";
import { type DialFailure, dialMember, type MemberLink } from "./dial-member.ts";
import { KeptRecord } from "./kept-record.ts";
import { KnownSessions } from "./known-sessions.ts";
import { LinkLog } from "./link-log.ts";
import { readMemberAddress } from "./member-address.ts";
import { isRejection, requireHealthy } from "./member-health.ts";
import { NamedWorker } from "./named-worker.ts";
import type { Sees } from "./narrowed-worker.ts";
import { Redial } from "./redial.ts";
import type { SessionMember } from "./resolve-session.ts";
import { tokenFor } from "./token-cascade.ts";

export type Health = SessionMember["health"];

export interface MemberParts {
  readonly record: MemberRecord;
  /** How it is dialled, as it stands now. */
  readonly rules: () => DialRules;
  readonly own: { readonly id: string; readonly startId: string; readonly hostname: string; readonly key: ServerKey };
  /** The other members, as they are known. */
  readonly others: (member: Member) => HelloFacts["others"];
  /** Its own token. Throws when it cannot be opened. */
  readonly tokenOf: (record: MemberRecord) => Secret | null;
  readonly save: (record: MemberRecord) => Promise<void>;
  readonly onEvent: (member: Member, event: AnyEvent) => void;
  /** Silence after which a link is given up. */
  readonly lostAfterMs: number;
  readonly log: Logger;
}

type Changeable = Pick<MemberRecord, "name" | "labels" | "cordoned" | "draining" | "token">;
/** What is undefined stays as it is. */
export type MemberChange = { readonly [Key in keyof Changeable]?: Changeable[Key] | undefined };

export class Member implements SessionMember {
  readonly worker: NamedWorker;
  readonly #parts: MemberParts;
  readonly #linked: LinkWorker;
  readonly #kept: KeptRecord;
  readonly #known = new KnownSessions();
  readonly #linkLog = new LinkLog();
  readonly #redial = new Redial();
  #health: Health = "connecting";
  #reason: string | null = null;
  #since = now();
  #lastSeen: string | null = null;
  #latencyMs: number | null = null;
  #status: MemberStatus | null = null;
  #version: string | null = null;
  #startId: string | null = null;
  #link: MemberLink | null = null;
  #liveness: Liveness | null = null;
  #dialling: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.#kept = new KeptRecord(parts.record, (record) => parts.save(record));
    this.#linked = new LinkWorker({ end: () => this.#openEnd(), liveId: (session) => this.#known.liveId(session) });
    this.worker = new NamedWorker(this.#linked, () => this.hostname);
  }

  get record(): MemberRecord {
    return this.#kept.now;
  }

  get id(): string {
    return this.record.id;
  }

  get address(): string {
    return this.record.address;
  }

  get hostname(): string | null {
    return this.record.name ?? this.record.hostname;
  }

  get health(): Health {
    return this.#health;
  }

  get reason(): string | null {
    return this.#reason;
  }

  get since(): string {
    return this.#since;
  }

  /** Sessions as they were told last. */
  get sessions(): readonly SessionInfo[] {
    return this.#known.all.map((info) => this.worker.named(info));
  }

  readonly find = (reference: string, isMeant?: Sees): SessionInfo | undefined => this.#known.find(reference, isMeant);

  /** It has answered with this session: it is found by the next caller already. */
  learn(info: SessionInfo): void {
    this.#known.learn(info);
  }

  start(): void {
    void this.#dial();
  }

  /** Something about it has changed that may let it in now. */
  redial(): void {
    if (this.#isClosed || this.#link || this.#dialling) return;
    this.#become("connecting", null);
    this.#dialNow();
  }

  /** How it is dialled has changed: a link that would not be made now ends, and without one it is dialled at once. */
  rulesChanged(): void {
    if (this.#isClosed) return;
    if (this.#link) return void this.#judgeLink(this.#link);
    this.#dialling?.abort();
    this.#dialling = null;
    if (this.#health === "rejected") this.#become("connecting", null);
    this.#dialNow();
  }

  /** On the disk when it resolves. What may let it in now has it dialled at once. */
  async change(change: MemberChange): Promise<void> {
    await this.#kept.change(given(change));
    if (change.token !== undefined || change.name !== undefined) this.redial();
  }

  /** Looks whether the link is alive. `nowMs` is monotonic. */
  tick(nowMs: number): void {
    const verdict = this.#liveness?.verdict(nowMs) ?? "alive";
    if (verdict === "probe") this.#link?.end.ping();
    if (verdict === "lost") this.#lose("silent");
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer ?? undefined);
    this.#dialling?.abort();
    const link = this.#link;
    this.#link = null;
    link?.close();
    link?.end.closed();
  }

  /** As callers see it. */
  describe() {
    const { id, address, labels, cordoned, draining, hostname } = this.record;
    return {
      hostname: this.hostname,
      address,
      health: this.#health,
      role: "member" as const,
      server_id: this.#startId,
      sessions: this.#health === "healthy" ? this.#known.liveCount : null,
      id,
      reported_hostname: hostname,
      labels: { ...this.#ownLabels, ...labels },
      cordoned,
      draining,
      link: "dialled" as const,
      version: this.#version,
      latency_ms: this.#latencyMs,
      since: this.#since,
      reason: this.#reason,
      last_seen: this.#lastSeen,
      conditions: this.#conditions(),
    };
  }

  /** As server sets and placement look at it; with the tags of the sessions that are seen. */
  asCandidate(isSeen: Sees) {
    const { id, labels, cordoned, draining } = this.record;
    const known = this.#known;
    return {
      id,
      hostname: this.hostname,
      labels: { ...this.#ownLabels, ...labels },
      get tags() {
        return new Set(known.live.filter(isSeen).flatMap(({ tags }) => tags));
      },
      health: this.#health,
      reason: this.#reason,
      silenceMs: this.#liveness?.silenceMs(performance.now()) ?? 0,
      cordoned,
      draining,
      sessions: known.liveCount,
      slots: this.#status?.slots ?? null,
      latencyMs: this.#latencyMs,
    };
  }

  /** What it says of itself (public contract: os and arch). */
  get #ownLabels(): Readonly<Record<string, string>> {
    return this.#status ? { arch: this.#status.arch, os: this.#status.os } : {};
  }

  get linkLog() {
    return this.#linkLog.entries;
  }

  #conditions() {
    const { scheme, isLoopback } = readMemberAddress(this.record.address);
    const own = this.#health === "healthy" ? (this.#status?.conditions ?? []) : [];
    if (scheme === "https" || isLoopback) return own;
    const reason = "what goes over this link can be read on the way; register it by its https:// address";
    return [...own, { type: "Plaintext", reason, since: this.record.added_at }];
  }

  #openEnd() {
    requireHealthy(this);
    const end = this.#link?.end;
    if (end?.isOpen) return end;
    const server = this.hostname ?? this.id;
    const message = `the link to ${server} is down; try again in a moment`;
    throw new FleettyError("server_unavailable", message, { server, reason: "closed", may_have_run: false });
  }

  async #dial(): Promise<void> {
    if (this.#isClosed || this.#dialling) return;
    const dialling = new AbortController();
    this.#dialling = dialling;
    try {
      const outcome = await this.#attempt(dialling.signal);
      if (dialling.signal.aborted) return outcome.kind === "linked" ? outcome.cut() : undefined;
      this.#dialling = null;
      if (outcome.kind === "failed") this.#failed(outcome);
      else this.#opened(outcome);
    } catch (err) {
      if (dialling.signal.aborted) return;
      this.#dialling = null;
      this.#parts.log.error({ server: this.id, err }, "a member could not be dialled");
      this.#failed({ kind: "failed", reason: "dial_failed", detail: "internal" });
    }
  }

  #attempt(signal: AbortSignal): Promise<MemberLink | DialFailure> {
    const { own, tokenOf, rules } = this.#parts;
    const { connect, shared } = rules();
    const address = readMemberAddress(this.record.address);
    const ownToken = tokenOf(this.record);
    return dialMember(
      {
        address,
        connect,
        token: (contacted) => tokenFor(ownToken, shared, { address, contacted }),
        greeting: { hub: own, judge: (hello, isSigned) => this.#judge(hello, isSigned) },
        peerName: `server ${this.hostname ?? this.id}`,
        onHeard: () => this.#heard(),
        onRoundTrip: (ms) => {
          this.#liveness?.answered();
          this.#latencyMs = Math.round(ms * 100) / 100;
        },
        onChanged: (session) => this.#linked.changed(session),
        onStatus: (status) => {
          this.#status = status;
        },
        onInventory: (sessions) => this.#listed(sessions),
        onEvent: (event) => this.#told(event),
        onClosed: () => !signal.aborted && this.#lose("closed"),
      },
      signal,
    );
  }

  async #judge(hello: MemberHello, isSigned: boolean): Promise<Welcomed | Unwelcome> {
    const { own, others } = this.#parts;
    const { server: pinnedServer, key: pinnedKey, name } = this.record;
    const refusal = judgeHello(hello, { own, isSigned, pinnedServer, pinnedKey, name, others: others(this) });
    if (refusal) return refusal;
    const linkGeneration = Math.max(this.record.link_generation, hello.last_link_generation) + 1;
    const { server, key, hostname } = hello;
    await this.#kept.change({ server, key, hostname, link_generation: linkGeneration });
    this.#version = hello.version;
    this.#startId = hello.start_id;
    if (this.#health !== "connecting") this.#become("connecting", null);
    return { linkGeneration };
  }

  #opened(link: MemberLink): void {
    if (this.#isClosed) return link.close();
    this.#link = link;
    this.#redial.succeeded();
    this.#liveness = new Liveness(memberLiveness(this.#parts.lostAfterMs), performance.now());
    this.#become("healthy", null);
    // It may have been closed between its inventory and now.
    if (!link.end.isOpen) return this.#lose("closed");
    link.end.ping();
  }

  #failed({ reason, detail }: DialFailure): void {
    if (this.#isClosed) return;
    const health = isRejection(reason) ? "rejected" : "unavailable";
    this.#become(health, reason, detail);
    if (health === "unavailable") this.#dialLater();
  }

  #lose(reason: "closed" | "silent"): void {
    const link = this.#link;
    if (!link || this.#isClosed) return;
    this.#drop(link);
    this.#become("unavailable", reason);
    this.#dialLater();
  }

  async #judgeLink(link: MemberLink): Promise<void> {
    const { connect } = this.#parts.rules();
    const judged = await connect.judgeOpen(readMemberAddress(this.record.address), link.contacted);
    const isDenied = judged.kind === "failed" && judged.reason === "address_denied";
    if (!isDenied || this.#link !== link || this.#isClosed) return;
    this.#drop(link);
    this.#failed(judged);
  }

  #drop(link: MemberLink): void {
    this.#link = null;
    this.#liveness = null;
    link.cut();
    link.end.closed();
    this.#linked.lost();
  }

  #dialNow(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#redial.succeeded();
    this.start();
  }

  #dialLater(): void {
    this.#timer = setTimeout(() => void this.#dial(), this.#redial.failed(Math.random()));
  }

  #heard(): void {
    this.#lastSeen = now();
    this.#liveness?.heard(performance.now());
  }

  /** Tags that were taken while there was no link take what hangs on them along. */
  #listed(sessions: readonly SessionInfo[]): void {
    this.#linked.lost();
    for (const event of this.#known.replace(sessions)) this.#linked.tell(event);
  }

  #told(event: AnyEvent): void {
    this.#known.apply(event);
    this.#linked.tell(event);
    this.#parts.onEvent(this, event);
  }

  #become(health: Health, reason: string | null, detail: string | null = null): void {
    const isNews = health !== this.#health || reason !== this.#reason;
    this.#linkLog.add(reason === null ? health : `${health} ${reason}`, detail);
    if (!isNews) return;
    if (health !== this.#health) this.#since = now();
    this.#health = health;
    this.#reason = reason;
    const { log } = this.#parts;
    log.info(
      { server: this.hostname ?? this.id, address: this.address, health, reason, detail },
      "a member's health changed",
    );
  }
}

function given(change: MemberChange): Partial<Changeable> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function now(): string {
  return new Date().toISOString();
}
