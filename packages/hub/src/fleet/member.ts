// One member of the fleet: judges who greets in its name, keeps its one link, watches whether that is alive, and knows the
// member's sessions as they were told last. Knows no operation and no caller, nor who dials whom.
//
//   connecting ──sessions told──► healthy ──closed, silent──► unavailable ──welcomed again──► connecting
//       │ attempt failed                                          ▲ attempt failed
//       ├─────────────────────────────────────────────────────────┘
//       └──refused by a rule──► rejected ──a person changes something──► connecting
import type { SignedHello, Unwelcome, Welcomed } from "@fleetty/carrier/hub-greeting";
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { HelloFacts, MemberHello, MemberStatus } from "@fleetty/protocol/link";
import { judgeHello, LinkWorker, Liveness, memberLiveness } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import type { MemberRecord } from "../store/hub-store.ts";
import { MemberConditions } from "./conditions.ts";
import { DuplicateGuard } from "./duplicate-guard.ts";
import { nameOf } from "./find-server.ts";
import type { MemberNews } from "./fleet-news.ts";
import { KeptMember, type MemberChange } from "./kept-record.ts";
import type { KnownSessions } from "./known-sessions.ts";
import { LinkLog } from "./link-log.ts";
import { requireHealthy } from "./member-health.ts";
import type { LinkEvents, MemberLink } from "./member-link.ts";
import { NamedWorker } from "./named-worker.ts";
import type { Sees } from "./narrowed-worker.ts";
import type { OwnServer } from "./own-server.ts";
import type { SessionMember } from "./resolve-session.ts";
import { healthWithout, type NoLink, type Way } from "./way.ts";

export type Health = SessionMember["health"];

export interface MemberParts {
  readonly record: MemberRecord;
  readonly known: KnownSessions;
  readonly own: OwnServer;
  readonly way: (member: Member) => Way;
  /** The other members, as they are known. */
  readonly others: (member: Member) => HelloFacts["others"];
  /** Whether a key was taken back for ever, whoever comes with it. */
  readonly isRevoked: (key: string) => boolean;
  readonly save: (record: MemberRecord) => Promise<void>;
  readonly onNews: (member: Member, news: MemberNews) => void;
  readonly log: Logger;
}

/** Close codes of the link protocol, and of a planned end. */
const CLOSE = { planned: 1000, revoked: 4003, superseded: 4009 } as const;

export class Member implements SessionMember {
  readonly worker: NamedWorker;
  readonly #parts: MemberParts;
  readonly #way: Way;
  readonly #linked: LinkWorker;
  readonly #known: KnownSessions;
  readonly #linkLog = new LinkLog();
  readonly #duplicates = new DuplicateGuard();
  readonly #conditions = new MemberConditions({
    own: () => this.#status?.conditions ?? [],
    found: () => [...this.#way.conditions(), ...this.#duplicates.conditions],
  });
  readonly #kept: KeptMember;
  #health: Health = "connecting";
  #reason: string | null = null;
  #since = now();
  #lastSeen: string | null;
  #latencyMs: number | null = null;
  #status: MemberStatus | null = null;
  #version: string | null = null;
  #startId: string | null = null;
  /** With which it greeted last, when that was not the pinned one. */
  #otherKey: string | null = null;
  #link: MemberLink | null = null;
  #liveness: Liveness | null = null;
  #isClosed = false;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.#known = parts.known;
    this.#lastSeen = parts.known.asOf;
    this.#kept = new KeptMember(parts.record, (record) => parts.save(record));
    this.#linked = new LinkWorker({ end: () => this.#openEnd(), liveId: (session) => this.#known.liveId(session) });
    this.worker = new NamedWorker(this.#linked, () => this.hostname);
    this.#way = parts.way(this);
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

  /** When something came from it last; RFC 3339, null for never. */
  get lastSeen(): string | null {
    return this.#lastSeen;
  }

  get linkLog() {
    return this.#linkLog.entries;
  }

  /** This server, as a member meets it. */
  get hub(): OwnServer {
    return this.#parts.own;
  }

  /** Sessions as they were told last. */
  get sessions(): readonly SessionInfo[] {
    return this.#known.all.map((info) => this.worker.named(info));
  }

  /** Whether nobody on the way can read what goes over its link. */
  readonly isPrivate = () => !this.#way.conditions().some(({ type }) => type === "Plaintext");
  readonly find = (reference: string, isMeant?: Sees): SessionInfo | undefined => this.#known.find(reference, isMeant);

  /** It has answered with this session: it is found by the next caller already. */
  learn(info: SessionInfo): void {
    this.#known.learn(info);
  }

  start(): void {
    if (this.record.revoked) return this.#become("rejected", "revoked");
    if (!this.record.approved) return this.#become("rejected", "pending_approval");
    this.#way.begin();
  }

  /** On the disk when it resolves. What may let it in now has its link sought at once. */
  async change(change: MemberChange): Promise<void> {
    await this.#kept.change(change);
    if (change.token !== undefined || change.name !== undefined) this.#seek();
  }

  /** A person lets it in: who waits for that, and the changed key, which must be the one that it greeted with last. */
  async approve(key: string | undefined): Promise<void> {
    if (this.record.revoked) {
      const message = `the key of ${nameOf(this)} was revoked, for ever; remove it, and let it join with another key`;
      throw new FleettyError("forbidden", message, { reason: "revoked", server: nameOf(this) });
    }
    if (key !== undefined && key !== this.record.key && key !== this.#otherKey) {
      const message = `${nameOf(this)} has not come with this key; its link log shows the one that it has`;
      throw new FleettyError("invalid_request", message, { field: "key" });
    }
    await this.change({ approved: true, key });
    this.#otherKey = null;
    this.#duplicates.clear();
    this.#seek();
  }

  /** Closes its link; `save` keeps that its key is refused from now on. */
  async revoke(save: (record: MemberRecord) => Promise<void>): Promise<void> {
    await this.#kept.change({ revoked: true }, save);
    this.#way.close();
    this.#drop()?.close(CLOSE.revoked, "revoked");
    this.#become("rejected", "revoked");
  }

  /** How it is dialled has changed: a link that would not be made now ends, and without one it is sought at once. */
  rulesChanged(): void {
    if (this.#isClosed) return;
    if (this.#link) return void this.#judgeLink(this.#link);
    if (!this.#way.renew()) return;
    if (this.#health === "rejected") this.#become("connecting", null);
    this.start();
  }

  /** Looks whether the link is alive, and what is not as it should be. `nowMs` is monotonic. */
  tick(nowMs: number): void {
    for (const change of this.#conditions.changes(nowMs)) this.#parts.onNews(this, { kind: "condition", ...change });
    const verdict = this.#liveness?.verdict(nowMs) ?? "alive";
    if (verdict === "probe") this.#link?.end.ping();
    if (verdict === "lost") this.#lose("silent");
  }

  close(): void {
    this.#isClosed = true;
    this.#way.close();
    this.#drop()?.close(CLOSE.planned, "bye");
  }

  /** Whether whoever greets in its name gets its link; then the link's number is on the disk. */
  async judge(hello: MemberHello, { isValid: isSigned }: SignedHello): Promise<Welcomed | Unwelcome> {
    const { own, others, isRevoked } = this.#parts;
    const known = this.#kept.asGreeted(isRevoked(hello.key));
    if (isSigned && known.pinnedServer === hello.server && known.pinnedKey !== hello.key) this.#otherKey = hello.key;
    const refusal = judgeHello(hello, { own, isSigned, ...known, others: others(this) });
    if (refusal) return refusal;
    const duplicate = await this.#duplicates.judge(hello, this.#link, performance.now());
    if (duplicate) return duplicate;
    return this.#welcome(hello);
  }

  /** What a link is made with that is to become this member's. */
  linkEvents(): LinkEvents {
    return {
      name: () => nameOf(this),
      onHeard: () => this.#heard(),
      onRoundTrip: (ms) => {
        this.#liveness?.answered();
        this.#latencyMs = Math.round(ms * 100) / 100;
      },
      onStatus: (status) => {
        this.#status = status;
      },
      onInventory: (sessions) => this.#listed(sessions),
      onChanged: (session) => this.#linked.changed(session),
      onEvent: (event, seq) => this.#told(event, seq),
      onClosed: (link) => {
        if (link === this.#link) this.#lose("closed");
      },
    };
  }

  opened(link: MemberLink): void {
    if (this.#isClosed) return link.close(CLOSE.planned, "bye");
    if (this.record.revoked) return link.close(CLOSE.revoked, "revoked");
    this.#drop()?.close(CLOSE.superseded, "superseded");
    this.#link = link;
    this.#way.linked();
    this.#liveness = new Liveness(memberLiveness(this.#parts.own.lostAfterMs), performance.now());
    this.#become("healthy", null);
    // It may have been closed between its inventory and now.
    if (!link.end.isOpen) return this.#lose("closed");
    link.end.ping();
  }

  /** Somebody has not become its link: while it has one, that is only said. */
  failed(why: NoLink): void {
    if (this.#isClosed) return;
    const { reason, detail } = why;
    if (this.#link || this.record.revoked) return this.#linkLog.add(`refused ${reason}`, detail);
    const health = healthWithout(why);
    this.#become(health, reason, detail);
    if (health === "unavailable") this.#way.again();
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
      link: this.#way.kind,
      version: this.#version,
      latency_ms: this.#latencyMs,
      since: this.#since,
      reason: this.#reason,
      last_seen: this.#lastSeen,
      conditions: this.#conditions.now(this.#health === "healthy", performance.now()),
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
      knows: (session: string) => known.find(session) !== undefined,
      slots: this.#status?.slots ?? null,
      latencyMs: this.#latencyMs,
    };
  }

  /** What it says of itself (public contract: os and arch). */
  get #ownLabels(): Readonly<Record<string, string>> {
    return this.#status ? { arch: this.#status.arch, os: this.#status.os } : {};
  }

  #openEnd() {
    requireHealthy(this);
    const end = this.#link?.end;
    if (end?.isOpen) return end;
    const server = nameOf(this);
    const message = `the link to ${server} is down; try again in a moment`;
    throw new FleettyError("server_unavailable", message, { server, reason: "closed", may_have_run: false });
  }

  async #welcome(hello: MemberHello): Promise<Welcomed> {
    const linkGeneration = Math.max(this.record.link_generation, hello.last_link_generation) + 1;
    const { server, key, hostname } = hello;
    await this.#kept.change({ server, key, hostname, link_generation: linkGeneration });
    this.#version = hello.version;
    this.#startId = hello.start_id;
    this.#duplicates.letIn(hello, performance.now());
    this.#drop()?.close(CLOSE.superseded, "superseded");
    if (this.#health !== "connecting") this.#become("connecting", null);
    return { linkGeneration };
  }

  /** Something has changed that may let it in now. */
  #seek(): void {
    if (this.#isClosed || this.#link || this.record.revoked) return;
    this.#become("connecting", null);
    this.#way.begin();
  }

  /** Gives the link up, which no call goes over from now on; whoever takes it closes it. */
  #drop(): MemberLink | null {
    const link = this.#link;
    this.#link = null;
    this.#liveness = null;
    link?.end.closed();
    this.#linked.lost();
    return link;
  }

  async #judgeLink(link: MemberLink): Promise<void> {
    const denied = await this.#way.judgeOpen(link.contacted);
    if (!denied || this.#link !== link || this.#isClosed) return;
    this.#drop()?.cut();
    this.failed(denied);
  }

  #lose(reason: "closed" | "silent"): void {
    if (!this.#link || this.#isClosed) return;
    this.#drop()?.cut();
    this.#conditions.flapping.lost(performance.now());
    this.#become("unavailable", reason);
    this.#way.again();
  }

  #heard(): void {
    this.#lastSeen = now();
    this.#liveness?.heard(performance.now());
    this.#duplicates.heard();
  }

  /** Tags that were taken while there was no link take what hangs on them along. */
  #listed(sessions: readonly SessionInfo[]): void {
    this.#linked.lost();
    for (const event of this.#known.replace(sessions)) this.#linked.tell(event, 0);
    this.#parts.onNews(this, { kind: "inventory" });
  }

  #told(event: AnyEvent, seq: number): void {
    this.#known.apply(event);
    this.#linked.tell(event, seq);
    const renamed = { ...event, session: this.worker.named(event.session) };
    this.#parts.onNews(this, { kind: "session", event: renamed, seq });
  }

  #become(health: Health, reason: string | null, detail: string | null = null): void {
    this.#linkLog.add(reason === null ? health : `${health} ${reason}`, detail);
    if (health === this.#health && reason === this.#reason) return;
    const from = this.#health;
    if (health !== from) this.#since = now();
    this.#health = health;
    this.#reason = reason;
    const { log, onNews } = this.#parts;
    log.info({ server: nameOf(this), address: this.address, health, reason, detail }, "a member's health changed");
    onNews(this, { kind: "health", from, to: health, reason });
  }
}

function now(): string {
  return new Date().toISOString();
}
