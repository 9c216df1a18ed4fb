// Holds the sessions of one session host and answers what is asked of them over the link. Decides which session a
// request means, keeps ended ones until the worker has their outcome, and knows when it may go. Owns no socket.
//
//   serving ──host.retire──► retiring (no new sessions) ──last session gone──► idle for good: the process exits
import { FleettyError } from "@fleetty/protocol/errors";
import type { ServeContext, Welcome, WorkerEnd } from "@fleetty/protocol/link";
import { type AnyOperation, findOperation, type Schemas } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import { readBytes } from "../output/output-range.ts";
import { Session, type SessionLimits } from "../session/session.ts";
import type { SpawnSpec } from "../session/spec.ts";
import { Flush } from "./flush.ts";
import { handlers } from "./handlers.ts";
import { Journal } from "./journal.ts";
import { SessionFiles } from "./session-files.ts";
import { Turns } from "./turns.ts";

export interface HostOptions {
  readonly hostId: string;
  readonly stateDir: string;
  readonly limits: SessionLimits;
  readonly log: Logger;
  /** The host has nothing left to do and was told to go, or nobody has asked for anything for a minute. */
  readonly onDone: () => void;
}

/** A host without sessions and without a hub end goes after this time. */
const ALONE_MS = 60_000;

export class Host {
  readonly options: HostOptions;
  readonly journal = new Journal();
  readonly #sessions = new Map<string, Session>();
  readonly #turns = new Turns();
  readonly #flush = new Flush();
  /** Shapes of the operations that have been asked, looked up once. */
  readonly #inputs = new Map<string, Schemas["input"]>();
  #link: WorkerEnd | null = null;
  #window = 0;
  #isRetiring = false;
  #starting = 0;
  #aloneTimer: NodeJS.Timeout | null = null;

  constructor(options: HostOptions) {
    this.options = options;
    this.#checkDone();
  }

  /** Bytes of a stream that may be under way beyond the last credit. */
  get window(): number {
    return this.#window;
  }

  linked(link: WorkerEnd, welcome: Welcome): void {
    this.#link = link;
    this.#window = welcome.policy.credit;
    link.send({ type: "inventory", sessions: this.list() });
    for (const outcome of this.journal.after(welcome.journal_acked)) link.send({ type: "evt", ...outcome });
    this.#checkDone();
  }

  unlinked(link: WorkerEnd): void {
    if (this.#link === link) this.#link = null;
    this.#checkDone();
  }

  /** The socket has sent what it held: streams that waited for it go on. */
  drained(): void {
    for (const session of this.#sessions.values()) session.drained();
  }

  acknowledged(seq: number): void {
    for (const outcome of this.journal.acknowledged(seq)) {
      const { id } = outcome.p.session;
      this.#sessions.get(id)?.dispose();
      this.#sessions.delete(id);
    }
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

  /** Starts a session once: the same id again answers with the one that is there. */
  async spawn(spec: SpawnSpec): Promise<SessionInfo> {
    const present = this.#sessions.get(spec.id);
    if (present) return present.info();
    if (this.#isRetiring) throw new FleettyError("not_ready", "this session host takes no new sessions; try again");
    this.#starting += 1;
    try {
      return await this.#start(spec);
    } finally {
      this.#starting -= 1;
      this.#checkDone();
    }
  }

  retire(): void {
    this.#isRetiring = true;
    this.#checkDone();
  }

  async endAll(): Promise<void> {
    this.retire();
    const live = [...this.#sessions.values()].filter((session) => !session.end);
    await Promise.all(live.map((session) => session.kill({ graceMs: 0, reason: "killed" })));
  }

  async #start(spec: SpawnSpec): Promise<SessionInfo> {
    const { env: _, ...recorded } = spec;
    const files = new SessionFiles(this.options.stateDir, spec.id);
    const meta = { spec: recorded, host_id: this.options.hostId };
    await recordOrRefuse(() => files.begin({ ...meta, process: null }));
    try {
      const session = await Session.start(spec, this.options.limits, {
        changed: ({ id }) => this.#link?.send({ type: "changed", session: id }),
        output: (one, bytes) => this.#output(one, bytes),
        ended: (one) => void this.#ended(one, files),
      });
      this.#sessions.set(spec.id, session);
      const { pid, startTime: start_time, bootId: boot_id } = session.process as NonNullable<Session["process"]>;
      await files
        .started({ ...meta, process: { pid, start_time, boot_id } })
        .catch((error) => this.#warn(spec.id, error));
      return session.info();
    } catch (thrown) {
      await files.remove();
      throw thrown;
    }
  }

  #output(session: Session, bytes: number): void {
    this.#flush.add(session, bytes);
    this.#turns.add(session);
  }

  async #ended(session: Session, files: SessionFiles): Promise<void> {
    this.#turns.remove(session);
    this.#flush.remove(session);
    const { info, final } = lastOf(session);
    const evidence = await session.killEvidence();
    let isKept = true;
    try {
      await files.end(final, { info, evidence });
    } catch (error) {
      isKept = false;
      this.#warn(session.id, error);
    }
    const outcome = this.journal.add("session.exited", { session: info, is_kept: isKept });
    this.#link?.send({ type: "evt", ...outcome });
  }

  #warn(session: string, error: unknown): void {
    this.options.log.error({ session, err: error }, "the record of a session could not be written");
  }

  /** Goes when retired and empty; or when nobody is there and nothing runs for a minute. */
  #checkDone(): void {
    const isEmpty = this.#sessions.size === 0 && this.#starting === 0;
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
  };
  const output = readBytes(session.ring, { from: session.ring.oldest, to: offset });
  return { info, final: { header, output } };
}

async function recordOrRefuse(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown";
    const message = `the session's record cannot be written (${reason}); free space in the state folder, then try again`;
    throw new FleettyError("session_create_failed", message, { step: "record", reason }, { cause });
  }
}
