// The fleet of this hub: its members in the order of their registration, kept in the store, whether callers, the operator's
// file or join codes brought them. What of it a caller may see, and what its references mean, a view of it says. Knows no
// caller and no operation but by name.

import type { SealedTexts } from "@fleetty/carrier/sealed-text";
import { FleettyError } from "@fleetty/protocol/errors";
import { type MemberStatus, memberLiveness } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { Secret } from "@fleetty/protocol/secret";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Logger } from "pino";
import type { Scope } from "../auth/scope.ts";
import type { HubStore, MemberRecord } from "../store/hub-store.ts";
import { Awaiting } from "./awaiting.ts";
import { type FleetConfig, planFleet, requireFreeNames } from "./configured-fleet.ts";
import { Dialling } from "./dialling.ts";
import { nameOf, serverNotFound } from "./find-server.ts";
import type { FleetNews } from "./fleet-news.ts";
import { checkServerSet, FleetView } from "./fleet-view.ts";
import { Itself } from "./itself.ts";
import { JoinCodes } from "./join-codes.ts";
import type { MemberChange } from "./kept-record.ts";
import { KnownSessions } from "./known-sessions.ts";
import { Member } from "./member.ts";
import { type MemberAddress, readMemberAddress } from "./member-address.ts";
import { newRecord, recordOf } from "./member-record.ts";
import { NamedWorker } from "./named-worker.ts";
import type { Sees } from "./narrowed-worker.ts";
import type { OwnServer } from "./own-server.ts";
import { type JoinAttempt, Reception } from "./reception.ts";
import type { RouteOmitted } from "./resolve-session.ts";

/** This server's own worker, which knows its sessions without being asked over a wire. */
export interface OwnWorker extends WorkerPort {
  find(reference: string, isMeant?: Sees): SessionInfo | undefined;
  /** Live sessions, as they are known without asking. */
  live(): readonly SessionInfo[];
}

export interface FleetOptions {
  readonly store: HubStore;
  readonly worker: OwnWorker;
  /** Of this server, as its members tell of theirs. */
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  readonly own: OwnServer;
  readonly config: FleetConfig;
  readonly sealed: SealedTexts;
  readonly routeOmitted: RouteOmitted;
  /** Members at most (public limits: 10,000). */
  readonly membersMax?: number;
  /** Told of each code that somebody has shown who had it. */
  readonly onJoin: (attempt: JoinAttempt) => void;
  readonly log: Logger;
}

export interface Registration {
  readonly address: string;
  readonly token?: string | undefined;
  readonly name?: string | null | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A join code's life when nobody says otherwise (public contract, servers). */
const JOIN_TTL_MS = 600_000;
/** How many members a reading of the file has added, changed and removed. */
export interface Reloaded {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Public limits. */
const MEMBERS_MAX = 10_000;

export interface JoinCodeRequest {
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly ttl_ms?: number | undefined;
  readonly approve?: boolean | undefined;
}

export class Fleet {
  readonly itself: Itself;
  readonly joinCodes: JoinCodes;
  /** Where workers are received that dial this server. */
  readonly reception: Reception;
  readonly #options: FleetOptions;
  readonly #revokedKeys: Set<string>;
  readonly #listeners = new Set<(news: FleetNews) => void>();
  readonly #looking: NodeJS.Timeout;
  /** This server's worker, under the name that the server has now. */
  readonly #named: WorkerPort;
  #members: readonly Member[] = [];
  #config: FleetConfig;
  /** One registration or reading of the file at a time: two of one address must not both be new. */
  #registering: Promise<unknown> = Promise.resolve();
  /** Ids of those that were removed: what a link that was being made still learns of them is not kept. */
  readonly #gone = new Set<string>();

  private constructor(options: FleetOptions, itself: Itself, revokedKeys: readonly string[]) {
    this.#options = options;
    this.itself = itself;
    this.#config = { ...options.config, servers: [] };
    this.#named = new NamedWorker(options.worker, () => options.own.hostname);
    const { store, own, onJoin } = options;
    this.#revokedKeys = new Set(revokedKeys);
    this.joinCodes = new JoinCodes({ store, key: own.key.text });
    this.reception = new Reception({
      own,
      store,
      codes: this.joinCodes,
      members: () => this.#members,
      membersMax: options.membersMax ?? MEMBERS_MAX,
      isRevoked: (key) => this.#revokedKeys.has(key),
      admit: (record) => this.#admit(record),
      onAttempt: onJoin,
    });
    this.#looking = setInterval(() => this.#look(), memberLiveness(own.lostAfterMs).lookEveryMs);
    this.#looking.unref();
  }

  /** With the members that are kept and those of the file, each being dialled or waited for. Throws as `reload` does. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const { store, own, worker, status } = options;
    const itself = await Itself.open({ store, worker, hostname: own.hostname, status });
    const fleet = new Fleet(options, itself, await store.revokedKeys());
    const [records, known] = await Promise.all([store.members(), store.lastKnownSessions()]);
    const ofServer = Map.groupBy(known, ({ server_id: id }) => id);
    fleet.#members = records.map((record) => fleet.#makeMember(record, new KnownSessions(ofServer.get(record.id))));
    try {
      await fleet.reload(options.config);
      for (const member of fleet.#members) if (member.record.origin === "join") member.start();
    } catch (thrown) {
      fleet.close();
      throw thrown;
    }
    return fleet;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** This server's own, for what concerns nobody's sessions. */
  get worker(): WorkerPort {
    return this.#named;
  }

  /** The fleet as a caller may see it just now. */
  seenBy(scope: Scope): FleetView {
    return new FleetView({ ...this.#viewed, scope });
  }

  /** Throws `invalid_selector` for servers that mean nothing in the fleet as it is (H-A). */
  checkScope({ on }: Scope): void {
    if (on !== null) checkServerSet(on, this.#viewed);
  }

  close(): void {
    clearInterval(this.#looking);
    for (const member of this.#members) member.close();
  }

  /** What happens to members and to their sessions, as it becomes known. Returns how to stop listening. */
  news(listener: (news: FleetNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws `invalid_request`, `server_already_registered`, `server_name_conflict`, `resource_limit_reached`. */
  add(registration: Registration): Promise<Member> {
    return this.#inTurn(() => this.#add(registration));
  }

  /** Throws `server_name_conflict`, `resource_limit_reached`. */
  makeJoinCode({ name = undefined, labels = {}, ttl_ms: ttlMs = JOIN_TTL_MS, approve = false }: JoinCodeRequest) {
    if (name !== undefined) this.#requireFreeName(name, null);
    return this.joinCodes.make({ name: name ?? null, labels, ttlMs, approve }, Date.now());
  }

  /**
   * Makes the fleet what the file says now, all of it or nothing: members that came by it, and how all members are dialled.
   * Throws `server_name_conflict`, `resource_limit_reached`.
   */
  reload(config: FleetConfig): Promise<Reloaded> {
    return this.#inTurn(() => this.#reload(config));
  }

  /** Its sessions live on there. Throws `invalid_request` for one that the file would bring back. */
  async remove(member: Member): Promise<void> {
    if (member.record.origin === "config") throw ofTheFile(member, "take it out there");
    await this.#forget(member);
  }

  /** Throws `server_name_conflict`, `invalid_request` for what only the file changes. */
  async update(member: Member, { token, ...changed }: MemberChange): Promise<void> {
    const isSaidThere = [token, changed.name, changed.labels].some((value) => value !== undefined);
    if (isSaidThere && member.record.origin === "config")
      throw ofTheFile(member, "change its name, labels and token there");
    if (typeof changed.name === "string") this.#requireFreeName(changed.name, member);
    const before = member.describe();
    await member.change({ ...changed, token: token === undefined ? undefined : this.#seal(member.id, token) });
    this.#tell({ kind: "updated", member, before });
  }

  /** Its link is closed, and its key never accepted again. Throws `server_not_found` for one that is being removed. */
  async revoke(member: Member): Promise<void> {
    const { store } = this.#options;
    await member.revoke(async (record) => {
      if (this.#gone.has(record.id)) serverNotFound([nameOf(member)]);
      await store.revokeMember(record);
      if (record.key !== null) this.#revokedKeys.add(record.key);
    });
  }

  get #viewed() {
    const { worker, own, status, routeOmitted } = this.#options;
    const { hostname, id } = own;
    const { itself } = this;
    return { port: this.#named, worker, own: { hostname, id }, itself, status, routeOmitted, members: this.#members };
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changing = this.#registering.then(change);
    this.#registering = changing.catch(() => {});
    return changing;
  }

  async #reload(config: FleetConfig): Promise<Reloaded> {
    const { store, own, log } = this.#options;
    const present = this.#members.map(({ record }) => record);
    const facts = { present, before: this.#config.servers, servers: config.servers };
    requireFreeNames(facts, own.hostname);
    const { added, changed, removed, passedOver } = planFleet(facts);
    this.#requireRoom(added.length - removed.length);
    const byId = new Map(this.#members.map((member) => [member.id, member]));
    const newcomers = added.map(recordOf);
    const updated = changed
      .map(({ id }) => byId.get(id) as Member)
      .map((member) => ({ member, before: member.describe() }));
    await Promise.all([
      ...removed.map((id) => this.#forget(byId.get(id) as Member)),
      ...newcomers.map((record) => store.putMember(record)),
      ...changed.map(({ id, server: { name, labels } }) => byId.get(id)?.change({ name, labels })),
    ]);
    this.#config = config;
    const members = newcomers.map((record) => this.#makeMember(record));
    this.#members = [...this.#members, ...members];
    for (const member of members) this.#tell({ kind: "added", member });
    for (const one of updated) this.#tell({ kind: "updated", ...one });
    for (const member of this.#members) member.rulesChanged();
    if (passedOver.length > 0)
      log.warn(
        { addresses: passedOver },
        "registered over the API before; the configuration file says nothing of them",
      );
    return { added: added.length, changed: changed.length, removed: removed.length };
  }

  async #forget(member: Member): Promise<void> {
    this.#gone.add(member.id);
    try {
      await this.#options.store.removeMember(member.id);
    } catch (thrown) {
      this.#gone.delete(member.id);
      throw thrown;
    }
    this.#members = this.#members.filter((one) => one !== member);
    member.close();
    this.#tell({ kind: "removed", member });
  }

  async #add({ address: text, token, name = null, labels = {} }: Registration): Promise<Member> {
    const address = readMemberAddress(text);
    const present = this.#members.find((member) => member.address === address.text);
    if (present) {
      const where = present.record.origin === "config" ? " by the configuration file" : "";
      const message = `${address.text} is registered already${where}, as ${nameOf(present)}; remove it first, or change it`;
      throw new FleettyError("server_already_registered", message, { server: nameOf(present) });
    }
    this.#requireRoom(1);
    if (name !== null) this.#requireFreeName(name, null);
    await this.#requireAllowed(address);
    const blank = newRecord({ address: address.text, origin: "api", name, labels });
    const record = { ...blank, token: this.#seal(blank.id, token ?? null) };
    await this.#options.store.putMember(record);
    const member = this.#makeMember(record);
    this.#members = [...this.#members, member];
    this.#tell({ kind: "added", member });
    member.start();
    return member;
  }

  /** An address that the lists forbid is refused now; one that cannot be resolved yet is judged when it is dialled. */
  async #requireAllowed(address: MemberAddress): Promise<void> {
    const judged = await this.#config.rules.connect.judge(address, AbortSignal.timeout(10_000));
    if (judged.kind === "judged" || judged.reason !== "address_denied") return;
    const message = `address ${address.text} may not be dialled: ${judged.detail}; see ip_access in the configuration file`;
    throw new FleettyError("invalid_request", message, { field: "address", reason: "address_denied" });
  }

  #requireRoom(more: number): void {
    const { membersMax: max = MEMBERS_MAX } = this.#options;
    if (this.#members.length + more <= max) return;
    const message = `a fleet has ${max} servers at most; remove some first`;
    throw new FleettyError("resource_limit_reached", message, { limit: "servers", max });
  }

  #requireFreeName(name: string, except: Member | null): void {
    const isTaken = (hostname: string | null) => hostname?.toLowerCase() === name.toLowerCase();
    const holder = this.#members.find((member) => member !== except && isTaken(member.hostname));
    if (!holder && !isTaken(this.#options.own.hostname)) return;
    const message = `${JSON.stringify(name)} is the name of ${holder ? holder.id : "this server itself"}; choose another`;
    throw new FleettyError("server_name_conflict", message, holder && { server: holder.id });
  }

  /** An empty text is no token. */
  #seal(id: string, token: string | null): string | null {
    return token === null || token === "" ? null : this.#options.sealed.seal(id, new Secret(token));
  }

  /** One that has joined is in the store already. */
  #admit(record: MemberRecord): Member {
    this.#gone.delete(record.id);
    const member = this.#makeMember(record);
    const before = this.#members.find(({ id }) => id === record.id);
    this.#members = before ? this.#members.map((one) => (one === before ? member : one)) : [...this.#members, member];
    before?.close();
    member.start();
    return member;
  }

  #makeMember(record: MemberRecord, known = new KnownSessions()): Member {
    const { own, store, log } = this.#options;
    return new Member({
      record,
      known,
      own,
      log,
      way: (member) =>
        record.origin === "join"
          ? new Awaiting((why) => member.failed(why))
          : new Dialling(member, { log, rules: () => this.#config.rules, token: () => this.#tokenOf(member.record) }),
      isRevoked: (key) => this.#revokedKeys.has(key),
      others: (member) =>
        this.#members
          .filter((other) => other !== member)
          .map(({ record: { server }, hostname }) => ({ id: server, hostname })),
      save: async (changed) => {
        if (!this.#gone.has(changed.id)) await store.putMember(changed);
      },
      onNews: (member, news) => this.#tell({ member, ...news }),
    });
  }

  #tell(news: FleetNews): void {
    for (const listener of [...this.#listeners]) listener(news);
  }

  /** Of a member of the file nothing secret is stored. */
  #tokenOf({ id, address, origin, token }: MemberRecord): Secret | null {
    if (origin === "config") return this.#config.servers.find((server) => server.address === address)?.token ?? null;
    return token === null ? null : this.#options.sealed.open(id, token);
  }

  #look(): void {
    const nowMs = performance.now();
    void this.itself.look();
    for (const member of this.#members) member.tick(nowMs);
  }
}

function ofTheFile(member: Member, mend: string): FleettyError {
  const server = nameOf(member);
  const message = `server ${server} stands in the configuration file; ${mend}, then fleetty servers reload`;
  return new FleettyError("invalid_request", message, { server, reason: "from_config" });
}
