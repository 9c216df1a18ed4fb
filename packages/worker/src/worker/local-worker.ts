// The worker of this machine: knows which session is where and sends each operation to the host that holds it, or answers
// from the files of one that ended. Adopts at start what lives and what ended meanwhile; never ends and never starts a
// program by itself. Knows no HTTP and no caller's rights.
import { FleettyError } from "@fleetty/protocol/errors";
import { type AnyEvent, isPassing, type PassingEvent, readEvent } from "@fleetty/protocol/events";
import {
  type Call,
  type ChannelEvents,
  type HubEnd,
  type JournalEvent,
  openInput,
  openStream,
  type PreparedJson,
  ScreenCache,
} from "@fleetty/protocol/link";
import {
  findOperation,
  type LinkOperationName,
  type OperationInput,
  type OperationOutput,
} from "@fleetty/protocol/operations";
import type { Screen, SessionInfo } from "@fleetty/protocol/schemas/common";
import type { InputRequest, OpenInput, OpenStream, StreamRequest, WorkerPort } from "@fleetty/protocol/worker-port";
import type { Logger } from "pino";
import { Secrets, type SecretsParts } from "../secrets/secrets.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import { Capabilities } from "./capabilities.ts";
import { Creation, type CreationDefaults } from "./creation.ts";
import { EndedSession } from "./ended-session.ts";
import { EventJournal } from "./event-journal.ts";
import { HostSet, type HostSetOptions } from "./host-set.ts";
import { Labelling } from "./labelling.ts";
import { listSessions } from "./listing.ts";
import { judgeLost } from "./lost-session.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { Removal } from "./removal.ts";
import { SecretTyping } from "./secret-typing.ts";
import { type Entry, newEntry, SessionIndex } from "./session-index.ts";
import { removeUnclaimed } from "./unclaimed-files.ts";

export interface LocalWorkerOptions
  extends Pick<
    HostSetOptions,
    "stateDir" | "runtimeDir" | "serverId" | "ringBytes" | "env" | "umask" | "maxHosts" | "log"
  > {
  readonly store: WorkerStore;
  readonly hostname: string;
  readonly maxSessions: number;
  /** Sessions that placement puts here. */
  readonly slots: number;
  readonly creation: CreationDefaults;
  /** Those that are configured, and under which key others are kept. */
  readonly secrets: Pick<SecretsParts, "sealed" | "configured">;
}

/** How often ended sessions are looked over for retention. */
const RETENTION_EVERY_MS = 60_000;

type SessionOperation = Extract<LinkOperationName, `sessions.${string}`>;

export class LocalWorker implements WorkerPort {
  readonly #options: LocalWorkerOptions;
  readonly #log: Logger;
  readonly #index: SessionIndex;
  readonly #hosts: HostSet;
  readonly #creation: Creation;
  readonly #keeper: RecordKeeper;
  readonly #labelling: Labelling;
  readonly #removal: Removal;
  readonly #capabilities = new Capabilities();
  readonly #screens = new ScreenCache();
  /** Hosts that are gone, until it is known what became of their sessions. */
  readonly #judging = new Map<string, Promise<unknown>>();
  readonly #journal: EventJournal;
  readonly #secrets: Secrets;
  readonly #secretTyping: SecretTyping;
  readonly #retention: NodeJS.Timeout;
  /** What hosts told last is being read, and all before it has been. */
  #reading: Promise<unknown> = Promise.resolve();
  /** Number of this run on its state folder. */
  readonly incarnation: number;
  #linkGeneration: number;

  private constructor(options: LocalWorkerOptions, incarnation: number, counter: number) {
    this.#options = options;
    this.#log = options.log;
    this.#index = new SessionIndex(counter);
    this.incarnation = incarnation;
    // Above every link of earlier runs, without a write per link.
    this.#linkGeneration = incarnation * 1_000_000;
    this.#journal = new EventJournal({ ...options, incarnation });
    this.#hosts = new HostSet({
      ...options,
      incarnation,
      sessionCounts: () => this.#index.countByHost(),
      nextLinkGeneration: () => ++this.#linkGeneration,
      onInventory: (hostId, sessions) => this.#adopt(hostId, sessions),
      onEvent: (hostId, event) => this.#onEvent(hostId, event),
      onChanged: (session) => this.#screens.drop(session),
      onLost: (hostId) => this.#apart(this.#onHostLost(hostId)),
    });
    this.#creation = new Creation({
      ...options,
      index: this.#index,
      hosts: this.#hosts,
      onCreated: (session) => this.#journal.tell({ type: "session.created", session }),
    });
    this.#keeper = new RecordKeeper({ ...options, index: this.#index });
    this.#removal = new Removal({
      ...options,
      index: this.#index,
      journal: this.#journal,
      endOf: (entry) => this.#endOf(entry),
    });
    this.#labelling = new Labelling({
      ...options,
      index: this.#index,
      endOf: (entry) => this.#endOf(entry),
      tell: (event) => this.#journal.tell(event),
      whenEnded: (entry) => this.#removal.whenEnded(entry),
    });
    const { environment } = options.creation;
    this.#secrets = new Secrets({ ...options, ...options.secrets, environment });
    this.#secretTyping = new SecretTyping({ secrets: this.#secrets, hostOf: (session) => this.#hostOf(session) });
    this.#retention = setInterval(() => this.#apart(this.#retain()), RETENTION_EVERY_MS);
    this.#retention.unref();
  }

  /** Resolves when every session is known: those of living hosts, and those that ended while no server ran. */
  static async open(options: LocalWorkerOptions): Promise<LocalWorker> {
    const { incarnation, counter, sessions } = await options.store.begin();
    const worker = new LocalWorker(options, incarnation, counter);
    try {
      for (const row of sessions) worker.#index.adopt({ ...row, isInHost: false });
      await worker.#hosts.adopt();
      await worker.#judgeMissing();
    } catch (thrown) {
      await worker.close();
      throw thrown;
    }
    worker.#apart(worker.#retain());
    return worker;
  }

  /** What a reference means here, as it was known last; among the sessions that are meant at all. */
  find(reference: string, isMeant?: (info: SessionInfo) => boolean): SessionInfo | undefined {
    return this.#index.lookUp(reference, isMeant)?.info ?? undefined;
  }

  live(): readonly SessionInfo[] {
    return this.#index.live().flatMap(({ info }) => info ?? []);
  }

  get liveCount(): number {
    return this.#index.liveCount;
  }

  /** Whether every session host is linked that may hold sessions. */
  get isLinked(): boolean {
    return this.#hosts.isLinked;
  }

  /** Starts a session host if there is none, so that the first session need not wait for it. */
  async warm(): Promise<void> {
    (await this.#hosts.placeNewSession())[Symbol.dispose]();
  }

  /** Lets go of the hosts; sessions live on. */
  async close(): Promise<void> {
    clearInterval(this.#retention);
    this.#keeper.close();
    this.#hosts.close();
    await this.#journal.close();
    await this.#options.store.close();
  }

  /** Ends every session and every host. Rejects with `still_running` when processes outlive it. */
  async endAll(call: Call): Promise<void> {
    // Each has been told when it rejects: one that cannot be reached saves none of the others.
    const ends = await Promise.allSettled(this.#hosts.all.map((link) => link.endSessions(call)));
    const refused = ends.find((one) => one.status === "rejected");
    if (refused) throw refused.reason;
  }

  events(listener: (event: AnyEvent, seq: number) => void): () => void {
    return this.#journal.listen(listener);
  }

  changes(listener: (session: string) => void): () => void {
    return this.#screens.listen(listener);
  }

  call<Name extends LinkOperationName>(
    name: Name,
    input: OperationInput<Name>,
    call: Call,
  ): Promise<OperationOutput<Name> | PreparedJson> {
    return this.#dispatch(name, input as never, call) as Promise<OperationOutput<Name> | PreparedJson>;
  }

  async stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream> {
    const { end, entry } = await this.#hostOf(request.session);
    return openStream(end, { ...request, session: entry.id }, events, call);
  }

  async input(request: InputRequest, events: ChannelEvents, call: Call): Promise<OpenInput> {
    const { end, entry } = await this.#hostOf(request.session);
    return openInput(end, { ...request, session: entry.id }, events, call);
  }

  async #dispatch(name: LinkOperationName, input: never, call: Call): Promise<unknown> {
    switch (name) {
      case "worker.status":
        return this.#hosts.status;
      case "worker.journal":
        return this.#journal.after(input);
      case "worker.capabilities":
        return this.#capabilities.now({ ...this.#options, ...this.#options.creation }, input);
      case "secrets.set":
        return this.#secrets.set(input);
      case "secrets.list":
        return this.#secrets.list(input);
      case "secrets.remove":
        return this.#secrets.remove(input);
      case "sessions.secret":
        return this.#secretTyping.type(input, call);
      case "sessions.start":
        return this.#start(input, call);
      case "sessions.list":
        return listSessions({ index: this.#index, hosts: this.#hosts, log: this.#log }, input, call);
      case "sessions.kill":
        return this.#removal.kill(input, call);
      case "sessions.update":
        return this.#labelling.update(input, call);
      case "sessions.screen":
        return this.#screen(input, call);
      default:
        return this.#forward(name as SessionOperation, input, { ...call, passesOn: true });
    }
  }

  /** A session row goes to the host that holds the session; of an ended one its files answer. */
  async #forward(name: SessionOperation, input: { session: string }, call: Call): Promise<unknown> {
    if (findOperation(name)?.runs !== "session") {
      throw new FleettyError("unsupported", `this worker does not know ${name}`, { capability: name });
    }
    const entry = this.#index.find(input.session);
    // What is told of an ended session is known here, whoever still holds the rest.
    if (entry.state === "ended" && name === "sessions.get") return entry.info;
    const end = await this.#endOf(entry);
    if (!end) return this.#fromFiles(name, entry, input);
    const answer = end.request(name, { ...input, session: entry.id }, call);
    return name === "sessions.wait" ? answer.catch((refusal) => this.#waitOver(entry, input, refusal)) : answer;
  }

  /** A wait whose session was lost with its host has its answer: the session has ended. */
  async #waitOver(entry: Entry, input: { session: string }, refusal: unknown): Promise<unknown> {
    const isCut = refusal instanceof FleettyError && refusal.code === "server_unavailable";
    if (!isCut || (await this.#endOf(entry))) throw refusal;
    return this.#fromFiles("sessions.wait", entry, input);
  }

  /** The open end of the host that answers for a session; null for one that has ended, perhaps with its host. */
  async #endOf(entry: Entry): Promise<HubEnd | null> {
    if (entry.state === "ended" && !entry.isInHost) return null;
    const end = await this.#hosts.end(entry.hostId);
    if (!end) await this.#judging.get(entry.hostId);
    return end;
  }

  async #fromFiles(name: SessionOperation, entry: Entry, input: object): Promise<unknown> {
    if (name === "sessions.get") return entry.info;
    return new EndedSession(this.#options.stateDir, entry.info as SessionInfo).answer(name, input);
  }

  async #screen(input: OperationInput<"sessions.screen">, call: Call): Promise<unknown> {
    const entry = this.#index.find(input.session);
    const { format = "styled", since_epoch, highlights } = input;
    const kept = !highlights && this.#screens.read(entry.id, format, since_epoch, performance.now());
    if (kept) return kept;
    const ask = () => this.#forward("sessions.screen", input, call);
    const isWhole = !highlights && since_epoch === undefined;
    // Kept only while its host would tell us of a change.
    if (entry.state !== "live") return ask();
    if (!isWhole) return this.#screens.passOn(entry.id, ask);
    return this.#screens.fetch(entry.id, format, ask as () => Promise<Screen>);
  }

  /** The id says whether it has been made before, by this run or an earlier one. */
  async #start(input: OperationInput<"sessions.start">, call: Call): Promise<SessionInfo> {
    const present = this.#index.byId(input.id);
    if (present?.info) return present.info;
    return this.#creation.create(input, call);
  }

  async #hostOf(session: string) {
    const entry = this.#index.find(session);
    const end = entry.state === "live" ? await this.#endOf(entry) : null;
    if (end) return { end, entry };
    return new EndedSession(this.#options.stateDir, entry.info as SessionInfo).refuse();
  }

  /** All that a host says that it holds, known to us or not; what it should hold and does not is lost. */
  #adopt(hostId: string, sessions: SessionInfo[]): void {
    this.#screens.clear();
    for (const info of sessions) this.#adoptOne(hostId, info);
    const held = new Set(sessions.map(({ id }) => id));
    for (const entry of this.#index.liveOn(hostId)) if (!held.has(entry.id)) this.#apart(this.#judge(entry));
  }

  #adoptOne(hostId: string, info: SessionInfo): void {
    const known = this.#index.byId(info.id);
    // Its creation goes on by itself.
    if (known?.state === "reserved") return;
    const entry = known ?? this.#index.discover(newEntry(info));
    const isCalledOtherwise = known?.name !== info.name || `${known.info?.tags}` !== `${info.tags}`;
    if (entry.state === "live") this.#index.started(entry, hostId, info);
    // Until its host says that the record is in files, it has what they have not.
    else Object.assign(entry, { hostId, isInHost: true });
    if (entry.state === "live" ? isCalledOtherwise : !known) void this.#keeper.keep(entry);
  }

  /** In the order in which it is told, though the shape of each is looked up first. */
  #onEvent(hostId: string, { event, seq, p }: JournalEvent): void {
    const reading = Promise.all([readEvent(event, p), this.#reading.catch(() => {})]);
    this.#reading = reading;
    this.#apart(reading.then(([told]) => this.#heard(hostId, seq, told)));
  }

  /** Acknowledged when it is on disk. Of a session whose record its host could not write yet, the host is the only source. */
  async #heard(hostId: string, seq: number, told: AnyEvent | null): Promise<void> {
    if (told && isPassing(told)) return this.#passOn(told);
    if (told?.type === "session.exited") {
      const isRecorded = await this.#recordEnd(hostId, told.session, told.is_kept);
      if (!isRecorded) return;
    }
    const end = await this.#hosts.end(hostId);
    end?.ack(seq);
  }

  /** What it is called is this worker's to say. */
  #passOn(event: PassingEvent): void {
    const entry = this.#index.byId(event.session.id);
    if (entry?.state !== "live" || !entry.info) return;
    const { name, tags } = entry.info;
    entry.info = { ...event.session, name, tags };
    if (!this.#creation.isMaking(entry.id)) this.#journal.pass({ ...event, session: entry.info });
  }

  /** Whoever waits for the end hears of it at once; resolves with whether it came to the disk. */
  async #recordEnd(hostId: string, info: SessionInfo, isKept: boolean): Promise<boolean> {
    const entry = this.#index.byId(info.id);
    if (!entry) return true;
    Object.assign(entry, { hostId, isInHost: !isKept });
    if (entry.state !== "ended") {
      this.#index.ended(entry, info);
      this.#screens.drop(info.id);
      this.#journal.tell({ type: "session.exited", session: info, is_kept: isKept });
    }
    return this.#keeper.keep(entry);
  }

  async #onHostLost(hostId: string): Promise<void> {
    const lost = this.#index.liveOn(hostId);
    const sessions = lost.map((entry) => entry.name);
    if (lost.length > 0) this.#log.error({ host: hostId, sessions }, "a session host is gone; its sessions are lost");
    else this.#log.info({ host: hostId }, "a session host is gone; it held no session");
    this.#screens.clear();
    const judging = Promise.all(lost.map((entry) => this.#judge(entry)));
    this.#judging.set(hostId, judging);
    await judging.finally(() => this.#judging.delete(hostId));
  }

  /** At start: sessions that ran in a host which is not there any more. */
  async #judgeMissing(): Promise<void> {
    const missing = this.#index.live().filter((entry) => !this.#hosts.has(entry.hostId));
    await Promise.all(missing.map((entry) => this.#judge(entry)));
  }

  async #judge(entry: Entry): Promise<void> {
    const { info, survivors, problems } = await judgeLost(this.#options.stateDir, entry.info as SessionInfo);
    for (const err of problems) this.#log.error({ session: entry.id, err }, "a file of a lost session cannot be read");
    if (survivors.length > 0)
      this.#log.warn({ session: entry.id, pids: survivors }, "processes outlived their session host");
    // Found again at the next start, so nobody waits for the disk.
    this.#apart(this.#recordEnd(entry.hostId, info, true));
  }

  async #retain(): Promise<void> {
    for (const entry of this.#index.expired(Date.now())) await this.#removal.forget(entry, "retention");
    await this.#journal.expire(Date.now());
    await removeUnclaimed(this.#options.stateDir, (id) => this.#index.byId(id) !== undefined, Date.now());
  }

  /** Work that nobody waits for: what fails in it is in the log, and the server goes on. */
  #apart(work: Promise<unknown>): void {
    work.catch((err) => this.#log.error({ err }, "something failed that nobody asked for"));
  }
}
