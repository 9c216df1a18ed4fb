// One live session: a terminal, what it printed, the screen that this makes, and who waits for it or watches it. Keeps
// the order of a byte's life: ring, streams, screen, waits. Knows no socket, no file and no other session.
//
//   running ──program gone, read to the end──► ended (its last output, screen and exit stay readable)
import { FleettyError } from "@fleetty/protocol/errors";
import type { Exit, Position, SessionInfo } from "@fleetty/protocol/schemas/common";
import { Ring } from "@fleetty/protocol/stream/ring";
import { Attention } from "../attention/attention.ts";
import { ShellPlace } from "../attention/shell-place.ts";
import { Notices } from "../notices/notices.ts";
import { outputEndIn } from "../output/output-range.ts";
import { type KillEvidence, stillRunning } from "../pty/end-processes.ts";
import { type Pty, spawnPty } from "../pty/pty.ts";
import { Runs } from "../run/runs.ts";
import { Screen } from "../screen/screen.ts";
import { Activity } from "./activity.ts";
import { attendedOf } from "./attended.ts";
import { Backpressure } from "./backpressure.ts";
import { elementsOf } from "./elements-of.ts";
import { Keystrokes } from "./keystrokes.ts";
import { Killing } from "./killing.ts";
import { type LabelChange, type Labels, relabelled, type TagsChanged } from "./labels.ts";
import { LastTyped } from "./last-typed.ts";
import { Launch } from "./launch.ts";
import { makeNonces, type Nonces } from "./nonces.ts";
import { NumberedInputs } from "./numbered-inputs.ts";
import { QueryAnswers } from "./query-answers.ts";
import { sessionInfo } from "./session-info.ts";
import type { SessionNews } from "./session-news.ts";
import type { SessionEnd, SessionHooks, SessionParts } from "./session-parts.ts";
import type { Size } from "./size.ts";
import { type RecordedSpec, recordable, type SpawnSpec } from "./spec.ts";
import { lastWords } from "./start-check.ts";
import { Streams } from "./streams.ts";
import { TerminalSize } from "./terminal-size.ts";
import { Typing } from "./typing.ts";
import { Waits } from "./waits.ts";
import { WriterLease } from "./writer-lease.ts";

export type { SessionEnd, SessionHooks, SessionLimits } from "./session-parts.ts";

/**
 * Reading pauses above this share of the ring unparsed, so that the screen and those who wait miss no byte that the ring
 * let go; or above so many bytes, so that a reader of the screen is not kept waiting for a large ring. It goes on below
 * half of that.
 */
const HOLD_SHARE = 2;
const HOLD_MAX_BYTES = 512 * 1024;
/** Those who wait look for about so long before others have their turn. */
const LOOK_MS = 1;
/** Lines above the screen that a session keeps (public limits). */
const SCROLLBACK_LINES = 10_000;

export class Session {
  readonly spec: RecordedSpec;
  readonly ring: Ring;
  readonly nonces: Nonces;
  readonly shell: ShellPlace;
  readonly attention: Attention;
  readonly waits: Waits;
  readonly runs = new Runs(this);
  readonly typing: Typing;
  readonly lease = new WriterLease(this);
  readonly lastTyped = new LastTyped();
  readonly numbered = new NumberedInputs(this);
  readonly keystrokes = new Keystrokes(this);
  readonly elements = elementsOf(this);
  readonly size: TerminalSize;
  readonly notices = new Notices({ onFollowed: (kinds) => kinds.includes("attention") && this.attention.woken() });
  readonly streams = new Streams({
    exit: () => this.#end?.exit ?? null,
    hold: (isHeld) => this.#backpressure?.hold("pace", isHeld),
  });
  readonly #hooks: SessionHooks;
  readonly launch: Launch;
  readonly #answers = new QueryAnswers();
  readonly #killing = new Killing();
  readonly #activity = new Activity(performance.now());
  readonly #closers = new AbortController();
  readonly #bornAtMs = performance.now();
  #labels: Labels;
  #pty: Pty | null = null;
  #backpressure: Backpressure | null = null;
  #screen: Screen | null = null;
  /** Offset up to which the screen has taken the output. */
  #parsed = 0;
  /** Offset from which those who are to look need the ring. */
  #looked = 0;
  /** On the monotonic clock; null: never. */
  #outputAtMs: number | null = null;
  #inputAtMs: number | null = null;
  #isRead = false;
  #end: SessionEnd | null = null;

  private constructor(spec: SpawnSpec, parts: SessionParts, hooks: SessionHooks) {
    this.spec = recordable(spec);
    this.ring = new Ring(parts.ringBytes);
    this.nonces = makeNonces();
    this.#hooks = hooks;
    this.#labels = { name: spec.name, tags: spec.tags };
    this.size = new TerminalSize(spec, {
      rows: () => this.elements.layout.rows,
      settle: () => this.#catchUp(),
      resize: (size) => this.#resized(size),
    });
    this.launch = new Launch(spec, this.nonces, parts);
    const { hasCommandMarks } = this.launch;
    this.shell = new ShellPlace(this.nonces, {
      hasCommandMarks,
      outputEnd: (from, to) => outputEndIn(this.ring, from, to),
    });
    this.waits = new Waits(this);
    this.attention = new Attention(attendedOf(this, { ...hooks, rules: spec.rules }));
    this.typing = new Typing(this);
  }

  /** Resolves when the program has been executed. Rejects with `session_create_failed`; then no process is left. */
  static async start(spec: SpawnSpec, parts: SessionParts, hooks: SessionHooks): Promise<Session> {
    const session = new Session(spec, parts, hooks);
    const pty = await spawnPty({
      ...(await session.launch.write()),
      cwd: spec.cwd,
      ...session.size.program,
      record: parts.record,
      onData: (bytes) => session.#onData(bytes),
      onExit: (exit) => session.#onExit(exit),
    });
    session.#pty = pty;
    session.#backpressure = new Backpressure(pty);
    session.launch.begin(session);
    return session;
  }

  get id(): string {
    return this.spec.id;
  }

  get end(): SessionEnd | null {
    return this.#end;
  }

  /** As it is called now. */
  get labels(): Labels {
    return this.#labels;
  }

  /** Takes another name and other tags. Throws `session_exited` or `invalid_tag`. */
  relabel(change: LabelChange): { old_name: string } & TagsChanged {
    this.running();
    const { name } = this.#labels;
    const { labels, ...changed } = relabelled(this.#labels, change);
    this.#labels = labels;
    return { old_name: name, ...changed };
  }

  get generation(): number {
    return this.#activity.generation;
  }

  /** Whether output has come that the screen has not taken. */
  get hasBacklog(): boolean {
    return this.#unparsed > 0;
  }

  /** Milliseconds since the last activity. */
  quietMs(): number {
    return this.#activity.quietMs(performance.now());
  }

  /** Aborts when the session has ended. */
  get over(): AbortSignal {
    return this.#closers.signal;
  }

  /** Since when nobody watches; null while somebody does. */
  get unwatchedSinceMs(): number | null {
    return this.streams.unwatchedSinceMs;
  }

  /** On the monotonic clock of this process. */
  get lastActivityAtMs(): number {
    return this.#activity.lastAtMs;
  }

  /** When it printed last, and was typed into last. */
  get lastAtMs(): { readonly output: number | null; readonly input: number | null } {
    return { output: this.#outputAtMs, input: this.#inputAtMs };
  }

  /** Of the program. */
  get pid(): number | null {
    return this.#pty?.pid ?? null;
  }

  /** The terminal of a session that has not ended. Throws `session_exited`. */
  running(): Pty {
    if (this.#pty && !this.#end) return this.#pty;
    throw this.#exited();
  }

  #exited(): FleettyError {
    const { exit = null, at = null } = this.#end ?? {};
    const message = `session ${JSON.stringify(this.#labels.name)} has ended; create another`;
    return new FleettyError("session_exited", message, { exit, exited_at: at });
  }

  /** Tells the outside of something that is kept nowhere. */
  tell(news: SessionNews): void {
    this.#hooks.happened(this, news);
  }

  /** Where the session is now: every byte of output, every chunk that the screen took, every input so far. */
  position(): Position {
    return { generation: this.#activity.generation, offset: this.ring.end };
  }

  info(): SessionInfo {
    return sessionInfo(this, this.#screen);
  }

  /** The screen after everything that has been read; made for the asking when nothing has been printed. */
  screen(): Screen {
    const screen = this.caughtUp();
    this.#isRead = true;
    return screen;
  }

  /** As `screen`, for those who decide by it now: no reader of theirs needs to hear of a change. */
  caughtUp(): Screen {
    this.#catchUp();
    return this.#makeScreen();
  }

  snapshot(): { offset: number; cols: number; rows: number; alternate: boolean; vt: string } {
    const screen = this.screen();
    return { offset: screen.settled, ...screen.snapshot() };
  }

  /** Types bytes; resolves with the position before them once the terminal has taken them all. */
  input(bytes: Uint8Array): Promise<Position> {
    return this.#type(bytes, (pty) => pty.write(bytes));
  }

  /** As `input`, in this very step; what the terminal does not take at once never follows. */
  inputNow(bytes: Uint8Array): Promise<Position> {
    return this.#type(bytes, (pty) => pty.writeNow(bytes));
  }

  async #type(bytes: Uint8Array, write: (pty: Pty) => Promise<void>): Promise<Position> {
    const pty = this.running();
    const before = this.position();
    this.lastTyped.typed(bytes, before.offset);
    this.#inputAtMs = performance.now();
    this.#activity.happened(this.#inputAtMs);
    this.#reveal();
    this.attention.typed();
    this.waits.lookAgain();
    await write(pty);
    return before;
  }

  /** Of the whole terminal: panels keep their rows of it. */
  resize(asked: Size): { rows: number; cols: number; epoch: number } {
    this.running();
    const isOther = this.size.ask(asked);
    this.elements.resized();
    const { rows, cols } = this.size.outer;
    if (isOther) this.tell({ type: "session.resized", rows, cols });
    return { rows, cols, epoch: this.#makeScreen().look() };
  }

  #resized(size: Size): void {
    this.#pty?.resize(size);
    this.#makeScreen().resize(size);
    this.#reveal();
    this.streams.resized(size);
  }

  /** Ends every process of the session. Resolves when none is left; rejects with `still_running`. */
  async kill(options: { graceMs: number; reason: string }): Promise<SessionEnd> {
    if (this.#end) return this.#end;
    const evidence = await this.#killing.end(this.running(), options);
    if (evidence.survivors.length > 0) throw stillRunning(this.#labels.name, evidence);
    return this.ended;
  }

  /** What a kill did, once it is done; null for a session that ended by itself, and where processes cannot be told apart. */
  killEvidence(): Promise<KillEvidence | null> {
    return this.#killing.evidence();
  }

  /** Resolves when the session has ended, after its last byte. */
  get ended(): Promise<SessionEnd> {
    if (this.#end) return Promise.resolve(this.#end);
    return new Promise((resolve) => {
      this.#closers.signal.addEventListener("abort", () => resolve(this.#end as SessionEnd), { once: true });
    });
  }

  /** One turn: those who wait look, then the screen takes up to `maxBytes` of what it has not seen. Whether more is left. */
  turn(maxBytes: number): boolean {
    if (this.waits.lookOn(performance.now() + LOOK_MS)) return true;
    const isMore = this.#feed(maxBytes);
    this.#holdForScreen();
    return isMore;
  }

  /** Those who wait are to look in the coming turn. */
  wake(): void {
    this.#hooks.due(this);
  }

  #feed(maxBytes: number): boolean {
    const bytes = this.ring.read(this.#parsed, maxBytes);
    if (bytes === null || bytes.byteLength === 0) return false;
    if (!this.waits.areDue) this.#looked = this.#parsed;
    const screen = this.#makeScreen();
    screen.feed(bytes);
    this.#parsed += bytes.byteLength;
    this.#activity.happened(performance.now());
    this.#reveal();
    this.waits.lookAgain();
    this.#holdForScreen();
    const mode = screen.takeSwitch();
    if (mode) this.elements.follow(mode);
    return this.#parsed < this.ring.end;
  }

  dispose(): void {
    this.#screen?.dispose();
  }

  #onData(bytes: Uint8Array): void {
    const offset = this.ring.end;
    this.ring.append(bytes);
    this.#outputAtMs = performance.now();
    this.#reveal();
    this.attention.output(bytes, offset);
    if (this.shell.isActive) this.launch.scriptsRead();
    this.#holdForScreen();
    // After the program's death nothing holds reading back, so the screen must keep up with the ring by itself.
    if (this.#unparsed > this.#holdBytes + bytes.byteLength) this.#catchUp();
    this.#hooks.output(this, bytes.byteLength);
  }

  #onExit(exit: Exit): void {
    this.#catchUp();
    this.#backpressure?.release();
    const reason = this.#killing.reason ?? "exited";
    const tail = lastWords(this.ring, performance.now() - this.#bornAtMs);
    this.#end = { exit, reason, at: new Date().toISOString(), tail };
    this.launch.end();
    this.attention.ended();
    this.lease.end(this.#exited());
    this.#reveal();
    this.waits.lookAgain();
    this.streams.finish(exit);
    this.notices.ended({ exit, offset: this.ring.end });
    this.#closers.abort();
    this.#hooks.ended(this);
  }

  get #unparsed(): number {
    return this.ring.end - this.#parsed;
  }

  get #holdBytes(): number {
    return Math.min(this.ring.capacity / HOLD_SHARE, HOLD_MAX_BYTES);
  }

  #catchUp(): void {
    while (this.#feed(this.ring.capacity));
  }

  #holdForScreen(): void {
    const behind = this.ring.end - (this.waits.areDue ? this.#looked : this.#parsed);
    if (behind > this.#holdBytes) this.#backpressure?.hold("screen", true);
    else if (behind < this.#holdBytes / 2) this.#backpressure?.hold("screen", false);
  }

  #makeScreen(): Screen {
    this.#screen ??= new Screen({
      ...this.size.program,
      scrollbackLines: SCROLLBACK_LINES,
      reply: (bytes) => this.#answers.write(bytes, this.#pty),
    });
    return this.#screen;
  }

  /** Whoever has read the screen is told before anything that shows more. */
  #reveal(): void {
    if (!this.#isRead) return;
    this.#isRead = false;
    this.#hooks.changed(this);
  }
}
