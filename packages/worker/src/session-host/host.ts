// Holds the sessions of one session host and answers what is asked of them over the link. Decides which session a
// request means, keeps ended ones until the worker has their outcome, and knows when it may go. Owns no socket.
//
//   serving ──host.retire──► retiring (no new sessions) ──last session gone──► idle for good: the process exits
//
// An ended session is told at once, and kept here until its record is on the disk and the worker knows that. A disk that
// refuses is tried again; then the end is told once more, as one that is in files.
import { setTimeout as delay } from "node:timers/promises";
import { FleettyError } from "@fleetty/protocol/errors";
import type { PassingEvent } from "@fleetty/protocol/events";
import type { Gone } from "@fleetty/protocol/gone";
import type { PreparedJson, ServeContext, Welcome, WorkerEnd } from "@fleetty/protocol/link";
import { type AnyOperation, findOperation, type Schemas } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import { readBytes } from "../output/read-bytes.ts";
import { type Clock, systemClock } from "../pty/clock.ts";
import { lifeOver } from "../session/lifetime.ts";
import { Session, type SessionLimits } from "../session/session.ts";
import { recordable, type SpawnSpec } from "../session/spec.ts";
import { Flush } from "./flush.ts";
import { handlers } from "./handlers.ts";
import { Journal } from "./journal.ts";
import { type Reading, Readings } from "./readings.ts";
import { type ExitFile, type Final, SessionFiles } from "./session-files.ts";
import { Turns } from "./turns.ts";

export interface HostOptions {
  readonly hostId: string;
  readonly stateDir: string;
  readonly limits: SessionLimits;
  readonly log: Logger;
  /** By which sessions live as long as they were given; the system's unless a test brings its own. */
  readonly clock?: Clock;
  /** The host has nothing left to do and was told to go, or nobody has asked for anything for a minute. */
  readonly onDone: () => void;
  /** It was told to take no new sessions. Told once. */
  readonly onRetiring?: () => void;
}

/** A host that holds nothing which is not in files, and has no hub end, goes after this time. */
const ALONE_MS = 60_000;
/** A full disk is made room on by people: once a second is soon enough. */
const RECORD_AGAIN_MS = 1_000;
/** What a program whose time is over gets to say goodbye, between HUP and TERM. */
const OVER_GRACE_MS = 5_000;
/** One that could not be ended then waits for the kernel: once a minute is soon enough. */
const OVER_AGAIN_MS = 60_000;

export class Host {
  readonly options: HostOptions;
  readonly journal = new Journal();
  readonly #sessions = new Map<string, Session>();
  /** Those being started, by id. */
  readonly #starting = new Map<string, Promise<SessionInfo>>();
  /** Ids of ended sessions whose record is in files. */
  readonly #recorded = new Set<string>();
  readonly #turns = new Turns();
  readonly #readings = new Readings(this.#turns);
  readonly #flush = new Flush();
  /** Shapes of the operations that have been asked, looked up once. */
  readonly #inputs = new Map<string, Schemas["input"]>();
  #link: WorkerEnd | null = null;
  #window = 0;
  #busy = 0;
  #isRetiring = false;
  #aloneTimer: NodeJS.Timeout | null = null;

  constructor(options: HostOptions) {
    this.options = options;
    this.#checkDone();
  }

  /** Bytes of a stream that may be under way beyond the last credit. */
  get window(): number {
    return this.#window;
  }

  get isRetiring(): boolean {
    return this.#isRetiring;
  }

  linked(link: WorkerEnd, welcome: Welcome): void {
    this.#link = link;
    this.#window = welcome.policy.credit;
    this.#tellInventory();
    if (this.#busy > 0 || this.#isRetiring) this.#tick();
    for (const outcome of this.journal.after(welcome.journal_acked)) link.send({ type: "evt", ...outcome });
    this.#checkDone();
  }

  unlinked(link: WorkerEnd): void {
    if (this.#link === link) this.#link = null;
    this.#checkDone();
  }

  acknowledged(seq: number): void {
    const inFiles = this.journal.acknowledged(seq).filter(({ p }) => p.is_kept);
    for (const { p } of inFiles) this.#letGo(p.session.id);
    this.#checkDone();
  }

  /** Answers one request; what it does not know is `unsupported`. The table has the shapes, so bad input is a defect. */
  async serve(op: string, p: unknown, context: ServeContext): Promise<unknown> {
    const handler = Object.hasOwn(handlers, op) ? handlers[op as keyof typeof handlers] : undefined;
    const operation = findOperation(op);
    if (!handler || !operation) {
      throw new FleettyError("unsupported", `this session host does not know ${op}`, { capability: op });
    }
    const input = this.#inputs.get(op) ?? (await this.#loadInput(operation));
    const read = input.safeParse(p);
    if (!read.success) throw new FleettyError("invalid_body", `${op} does not fit its shape`);
    return handler(this, read.data as never, context);
  }

  async #loadInput(operation: AnyOperation): Promise<Schemas["input"]> {
    const { input }: Schemas = await operation.schemas();
    this.#inputs.set(operation.name, input);
    return input;
  }

  list(): SessionInfo[] {
    return [...this.#sessions.values()].map((session) => session.info());
  }

  session(id: string): Session {
    const session = this.#sessions.get(id);
    if (session) return session;
    throw new FleettyError("session_not_found", `session ${JSON.stringify(id)} is not in this session host`);
  }

  /** Writes a long answer beside what else there is to do. Rejects when the caller has gone. */
  write(begin: () => Reading, caller: Gone): Promise<PreparedJson> {
    return this.#readings.write(begin, caller);
  }

  /** Starts a session once: the same id again, also at the same time, answers with the one that is there. */
  async spawn(spec: SpawnSpec, caller: Gone): Promise<SessionInfo> {
    const present = this.#sessions.get(spec.id);
    if (present) return present.info();
    if (this.#isRetiring) throw new FleettyError("not_ready", "this session host takes no new sessions; try again");
    const info = await (this.#starting.get(spec.id) ?? this.#begin(spec));
    // Nobody hears the answer, and the inventory of a new link may have come before the session was there.
    if (caller.isGone) this.#tellInventory();
    return info;
  }

  /** How much of its time this process works has changed: a share, 0 to 1. */
  isBusy(share: number): void {
    this.#busy = share;
    this.#tick();
  }

  retire(): void {
    if (!this.#isRetiring) {
      this.#isRetiring = true;
      this.options.onRetiring?.();
      this.#tick();
    }
    this.#checkDone();
  }

  async endAll(): Promise<void> {
    this.retire();
    const live = [...this.#sessions.values()].filter((session) => !session.end);
    await Promise.all(live.map((session) => session.kill({ graceMs: 0, reason: "killed" })));
  }

  #begin(spec: SpawnSpec): Promise<SessionInfo> {
    const starting = this.#start(spec).finally(() => {
      this.#starting.delete(spec.id);
      this.#checkDone();
    });
    this.#starting.set(spec.id, starting);
    return starting;
  }

  #tick(): void {
    this.#link?.send({ type: "tick", busy: this.#busy, retiring: this.#isRetiring });
  }

  #tellInventory(): void {
    this.#link?.send({ type: "inventory", sessions: this.list() });
  }

  async #start(spec: SpawnSpec): Promise<SessionInfo> {
    const files = new SessionFiles(this.options.stateDir, spec.id);
    const record = files.birth({ spec: recordable(spec), host_id: this.options.hostId });
    try {
      const session = await Session.start(
        spec,
        { ...this.options.limits, record, scripts: files.scripts, promptFile: files.prompt },
        {
          changed: ({ id }) => this.#link?.send({ type: "changed", session: id }),
          output: (one, bytes) => this.#output(one, bytes),
          due: (one) => this.#turns.add(one),
          happened: (one, news) => this.#tell({ ...news, session: one.info() } as PassingEvent),
          ended: (one) => void this.#ended(one, files),
        },
      );
      this.#sessions.set(spec.id, session);
      if (spec.time_limit_ms !== undefined || spec.idle_exit_ms !== undefined) void this.#limitLife(session);
      return session.info();
    } catch (thrown) {
      await files.remove();
      throw thrown;
    }
  }

  /** Ends a session when its time is over, and again while processes of it outlive that. */
  async #limitLife(session: Session): Promise<void> {
    const { clock = systemClock } = this.options;
    const { over: signal } = session;
    try {
      const reason = await lifeOver(session, session.spec, { clock, signal });
      this.options.log.info({ session: session.id, reason }, "the time of a session is over");
      for (;;) {
        await session.kill({ graceMs: OVER_GRACE_MS, reason }).catch((error) => this.#outlived(session, error));
        await clock.sleep(OVER_AGAIN_MS, signal);
      }
    } catch (thrown) {
      // It has ended, by this or by itself.
      if (!signal.aborted) throw thrown;
    }
  }

  #outlived({ id }: Session, error: unknown): void {
    this.options.log.error({ session: id, err: error }, "a session whose time is over could not be ended");
  }

  #output(session: Session, bytes: number): void {
    this.#flush.add(session, bytes);
    this.#turns.add(session);
  }

  async #ended(session: Session, files: SessionFiles): Promise<void> {
    this.#flush.remove(session);
    const { info, final } = lastOf(session);
    const exit = { info, evidence: await session.killEvidence() };
    const failure = await this.#record(files, final, exit);
    if (failure) {
      this.#warn(session.id, failure);
      this.#tellEnd(info, false);
      do await delay(RECORD_AGAIN_MS, undefined, { ref: false });
      while (await this.#record(files, final, exit));
    }
    this.#recorded.add(session.id);
    this.#tellEnd(info, true);
    this.#checkDone();
  }

  /** Null when there is nothing more to write: all of it is on the disk, or the worker has forgotten the session. */
  async #record(files: SessionFiles, final: Final, exit: ExitFile): Promise<Error | null> {
    try {
      await files.end(final, exit);
      return null;
    } catch (error) {
      return (await files.exist()) ? (error as Error) : null;
    }
  }

  /** Told once: a worker that is away learns the rest from the inventory. */
  #tell({ type, ...p }: PassingEvent): void {
    this.#link?.send({ type: "evt", seq: 0, event: type, at: new Date().toISOString(), p });
  }

  #tellEnd(session: SessionInfo, isKept: boolean): void {
    const outcome = this.journal.add("session.exited", { session, is_kept: isKept });
    this.#link?.send({ type: "evt", ...outcome });
  }

  #letGo(id: string): void {
    this.#sessions.get(id)?.dispose();
    this.#sessions.delete(id);
    this.#recorded.delete(id);
  }

  #warn(session: string, error: unknown): void {
    this.options.log.error({ session, err: error }, "the record of a session could not be written");
  }

  /** Goes when retired and empty; or when nobody is there and nothing runs for a minute. What is in files needs no host. */
  #checkDone(): void {
    const held = this.#link ? this.#sessions.size : this.#sessions.size - this.#recorded.size;
    const isEmpty = held === 0 && this.#starting.size === 0;
    if (this.#aloneTimer) clearTimeout(this.#aloneTimer);
    this.#aloneTimer = null;
    if (!isEmpty) return;
    // After the turn, so that whoever told us to go is answered first.
    if (this.#isRetiring) setImmediate(this.options.onDone);
    else if (!this.#link) this.#aloneTimer = setTimeout(() => this.options.onDone(), ALONE_MS);
  }
}

function lastOf(session: Session) {
  const screen = session.screen();
  const info = session.info();
  const { generation, offset, epoch, last_activity_ms } = info;
  const positions = { generation, offset, last_activity_ms };
  const header = {
    oldest: session.ring.oldest,
    end: offset,
    generation,
    epoch,
    styled: { ...screen.read("styled"), ...positions },
    plain: { ...screen.read("plain"), ...positions },
    snapshot: session.snapshot(),
    notices: session.notices.kept,
  };
  const output = readBytes(session.ring, { from: session.ring.oldest, to: offset });
  return { info, final: { header, output } };
}
