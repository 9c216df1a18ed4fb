// Finds out what a session wants, and says when that changes: reads marks and reports in its output as it comes, looks at its
// terminal when that may have something to say, and has the rules decide. Owns the timers; knows no face and no link.
//
//   output ──marks, reports──► state ◄──verdict── rules ◄──look── kernel      (when: look-times.ts; what counts: attention-state.ts)
//   where a shell says that a command is over, the kernel is asked at once, in the next turns, and 1, 3, 10, 30 ms later
import type { Position } from "@fleetty/protocol/schemas/common";
import type { KernelLook, LeaderLook } from "../evidence/kernel-look.ts";
import type { CommandNews, EndedCommand } from "../marks/commands.ts";
import type { Mark, Report } from "../marks/mark.ts";
import { AGREE_MS, type AttentionSince, AttentionState, type Change, type Moment } from "./attention-state.ts";
import { EchoedLine } from "./echoed-line.ts";
import { EvidenceLog } from "./evidence-log.ts";
import { type AttentionPattern, judge } from "./judge.ts";
import { LookTimes } from "./look-times.ts";
import { PeerWait } from "./peer-wait.ts";
import { DEFAULT_RELAYS } from "./relays.ts";
import type { ShellPlace } from "./shell-place.ts";
import { waitsForTerminalAlone } from "./sole-wait.ts";
import type { AttentionWord, Verdict } from "./verdict.ts";

/** What is asked of the kernel about one terminal. */
export interface Kernel {
  /** `elsewhere`: also among processes that are not in the foreground, which costs milliseconds. */
  look(elsewhere: boolean): KernelLook;
  /** Whether the shell itself waits for its terminal, and nothing of what was typed is unread; null: that cannot be asked. */
  shellReads(): boolean | null;
}

/** What a session lends its attention. */
export interface Attended {
  readonly kernel: Kernel;
  readonly shell: ShellPlace;
  position(): Position;
  /** Text of the line that the cursor is in, up to the cursor. */
  lineBeforeCursor(): string;
  /** What its preset says of a line; most have none. */
  readonly patterns: readonly AttentionPattern[];
  /** Text of the last line on the screen that is not blank. */
  lastLineShown(): string;
  /** Whether somebody waits for it, or watches it. */
  isWatched(): boolean;
  /** What it wants has changed, or a command has ended: who waits is to look. */
  changed(): void;
  /** As `changed`, but for the outside: only what has lasted for a moment. */
  settled(now: Change, before: AttentionWord): void;
  /** As soon as its marks say so. */
  commandNoted(news: CommandNews): void;
  /** As `settled`. */
  commandEnded(command: EndedCommand): void;
  /** Its shell waits for a command. */
  atPrompt(): void;
}

/** Between questions whether the kernel agrees with a mark; 0: in the next turn of the event loop. A shell takes about 0.2 ms. */
const ASK_AGAIN_MS = [0, 0, 0, 0, 1, 3, 10, 30];
/** What is told to the outside has lasted so long: a loop of short commands is no flood of events. */
const SETTLE_MS = 30;

export class Attention {
  readonly #of: Attended;
  readonly #state: AttentionState;
  readonly #log = new EvidenceLog();
  readonly #echo = new EchoedLine();
  readonly #peers = new PeerWait();
  readonly #times: LookTimes;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = 0;
  /** Stops it. */
  #asking: (() => void) | null = null;
  #settling: NodeJS.Timeout | null = null;
  /** Commands that have ended, and that the outside has not been told of. */
  #untold: EndedCommand[] = [];
  #told: AttentionWord;
  #leader: LeaderLook | null = null;
  /** Since when the terminal has echoed nothing in line mode, at every look. */
  #echoOffSinceMs: number | null = null;
  /** The next look is due whatever the times say. */
  #isWoken = false;
  #isOver = false;

  constructor(of: Attended) {
    const nowMs = performance.now();
    this.#of = of;
    this.#times = new LookTimes(nowMs);
    this.#state = new AttentionState({ ...of.position(), nowMs });
    this.#told = this.#state.current.attention;
  }

  get current(): Change {
    return this.#state.current;
  }

  get statements() {
    return this.#log.newestFirst;
  }

  get changes(): readonly Change[] {
    return this.#state.changes;
  }

  /** Who led the session at the last look. */
  get leader(): LeaderLook | null {
    return this.#leader;
  }

  hasBeen(word: AttentionWord, since: AttentionSince): Change | null {
    return this.#state.hasBeen(word, since, this.#of.position().generation);
  }

  /** Output has been read; its first byte is at `offset`. */
  output(bytes: Uint8Array, offset: number): void {
    const nowMs = performance.now();
    this.#times.happened(nowMs);
    for (const found of this.#of.shell.read(bytes, offset, nowMs)) {
      if (found.type === "mark") this.#onMark(found.mark);
      if (found.type === "report") this.#onReport(found.report);
    }
    if (this.#of.shell.awaitsKernel) this.#ask(0);
    this.#noteCommands();
    this.#schedule();
  }

  /** Something was typed, and has been counted. */
  typed(): void {
    this.#times.happened(performance.now());
    this.#of.shell.typed(this.#of.position().offset);
    this.#echo.typed();
    this.#note(this.#state.input(this.#now()));
    this.#schedule();
  }

  /** Somebody begins to wait or watch: what was seen last may be long ago. */
  woken(): void {
    if (this.#isOver || this.#timer !== null) return;
    this.#isWoken = true;
    this.#lookAt(performance.now());
  }

  /** The program has ended. */
  ended(): void {
    this.#isOver = true;
    this.#tellEnded();
    this.#stopAsking();
    for (const timer of [this.#timer, this.#settling]) clearTimeout(timer ?? undefined);
    this.#note(this.#state.exit(this.#now()));
    clearTimeout(this.#settling ?? undefined);
  }

  /** One more look, now. */
  look(): KernelLook {
    return this.judged().look;
  }

  /** One more look, now, and what the rules make of it alone. */
  judged(): { readonly look: KernelLook; readonly verdict: Verdict } {
    const look = this.#of.kernel.look(this.#peers.areLongWaitedFor(performance.now()));
    this.#peers.seen(look, performance.now());
    const at = this.#now();
    this.#noteEcho(look, at.nowMs);
    this.#leader = look.leader;
    if (look.leader) this.#of.shell.led(look.leader.fingerprint, at.offset, at.nowMs);
    this.#noteCommands();
    const verdict = this.#judge(look, at.nowMs);
    this.#log.add(verdict, at.nowMs, at.offset);
    this.#note(this.#state.look(verdict, at));
    this.#times.looked(at.nowMs, { isOther: this.#state.isWavering, isAwaited: waitsForTerminalAlone(look) });
    if (this.#of.shell.awaitsKernel) this.#askOnce();
    return { look, verdict };
  }

  #judge(look: KernelLook, nowMs: number): Verdict {
    const lastLine = this.#of.lineBeforeCursor();
    return judge(look, {
      marks: this.#of.shell.place,
      lastLine,
      echoOffForMs: this.#echoOffSinceMs === null ? null : nowMs - this.#echoOffSinceMs,
      typedWasEchoed: this.#echo.isShownIn(lastLine),
      relays: DEFAULT_RELAYS,
      patterns: this.#of.patterns,
      lastShown: this.#of.patterns.length === 0 ? "" : this.#of.lastLineShown(),
    });
  }

  #onMark(mark: Mark): void {
    if (mark.kind !== "command") return;
    this.#stopAsking();
    this.#note(this.#state.mark(COMMAND_BEGAN, this.#now()));
    this.#log.add(COMMAND_BEGAN, performance.now(), mark.from);
  }

  #onReport({ state, text, from }: Report): void {
    const says = text === "" ? "the program says so" : `the program says: ${text}`;
    const said = { attention: state, confidence: "exact", source: "hook", rule: "E2", says } as const;
    const verdict: Verdict = text === "" ? said : { ...said, text };
    this.#log.add(verdict, performance.now(), from);
    this.#note(this.#state.report(verdict, this.#now()));
  }

  /** The shell says that it is at its prompt: so it is once it reads there. */
  #ask(step: number): void {
    this.#stopAsking();
    if (this.#askOnce() || step >= ASK_AGAIN_MS.length) return;
    const again = () => this.#ask(step + 1);
    const waitMs = ASK_AGAIN_MS[step] as number;
    this.#asking = waitMs === 0 ? inNextTurn(again) : afterTime(again, waitMs);
  }

  #askOnce(): boolean {
    const reads = this.#of.kernel.shellReads();
    if (reads === false) return false;
    this.#stopAsking();
    const at = this.#now();
    this.#of.shell.agree();
    const isRest = this.#of.shell.place === "continuation";
    const verdict = isRest ? REST_WANTED : reads === null ? SAYS_READY : AT_PROMPT;
    this.#log.add(verdict, at.nowMs, at.offset);
    this.#note(this.#state.mark(verdict, at));
    this.#noteCommands();
    if (!isRest) this.#of.atPrompt();
    // Whose marks these are has to be known before it can become another program (exec).
    if (this.#leader === null) this.look();
    return true;
  }

  /** Who waits is told at once; the outside when there is time, so that it is not what a caller's answer waits for. */
  #noteCommands(): void {
    const news = this.#of.shell.commands.takeNews();
    for (const one of news) this.#of.commandNoted(one);
    const ended = news.flatMap((one) => (one.phase === "ended" ? [one.command] : []));
    if (ended.length === 0) return;
    this.#untold.push(...ended);
    this.#of.changed();
    this.#settleSoon();
  }

  #settleSoon(waitMs = SETTLE_MS): void {
    this.#settling ??= timer(() => this.#settle(), waitMs);
  }

  #stopAsking(): void {
    this.#asking?.();
    this.#asking = null;
  }

  #note(hasChanged: boolean): void {
    if (!hasChanged) return;
    this.#of.changed();
    if (this.#isOver) return;
    this.#settleSoon();
  }

  #settle(): void {
    this.#settling = null;
    this.#tellEnded();
    const { current } = this.#state;
    const before = this.#told;
    if (current.attention === before) return;
    const lastsMs = performance.now() - current.atMs;
    if (lastsMs < SETTLE_MS) return this.#settleSoon(Math.ceil(SETTLE_MS - lastsMs));
    this.#told = current.attention;
    this.#of.settled(current, before);
  }

  #tellEnded(): void {
    for (const command of this.#untold.splice(0)) this.#of.commandEnded(command);
  }

  #noteEcho({ terminal }: KernelLook, nowMs: number): void {
    const isOff = terminal?.isLineMode === true && !terminal.echoes;
    if (!isOff) this.#echoOffSinceMs = null;
    else this.#echoOffSinceMs ??= nowMs;
  }

  #schedule(): void {
    if (this.#isOver) return;
    const nextMs = this.#nextMs();
    if (nextMs !== null) this.#lookAt(nextMs);
  }

  /** A timer that is due earlier finds out by itself that it is not time yet: output comes far more often than looks. */
  #lookAt(atMs: number): void {
    if (this.#timer !== null && this.#timerAtMs <= atMs) return;
    clearTimeout(this.#timer ?? undefined);
    this.#timerAtMs = atMs;
    this.#timer = timer(() => this.#onTimer(), Math.max(0, Math.ceil(atMs - performance.now())));
  }

  #onTimer(): void {
    this.#timer = null;
    const nextMs = this.#nextMs();
    if (this.#isWoken || (nextMs !== null && nextMs <= performance.now())) this.look();
    this.#isWoken = false;
    this.#schedule();
  }

  #nextMs(): number | null {
    return this.#times.next(this.#of.isWatched(), this.#state.isWavering ? AGREE_MS : null);
  }

  #now(): Moment {
    return { ...this.#of.position(), nowMs: performance.now() };
  }
}

const COMMAND_BEGAN: Verdict = {
  attention: "working",
  confidence: "exact",
  source: "mark",
  rule: "E2",
  says: "the shell has begun a command",
};
const AT_PROMPT: Verdict = {
  attention: "ready",
  confidence: "exact",
  source: "mark",
  rule: "E2",
  says: "the shell is at its prompt, and reads the terminal",
};
const SAYS_READY: Verdict = { ...AT_PROMPT, says: "the shell says that it is at its prompt" };
const REST_WANTED: Verdict = {
  attention: "needs_input",
  confidence: "exact",
  source: "mark",
  rule: "E2",
  says: "the shell asks for the rest of a command",
};

/** Nobody waits for it: what a session wants keeps no process alive. */
function timer(act: () => void, waitMs: number): NodeJS.Timeout {
  return setTimeout(act, waitMs).unref();
}

function afterTime(act: () => void, waitMs: number): () => void {
  const running = timer(act, waitMs);
  return () => clearTimeout(running);
}

function inNextTurn(act: () => void): () => void {
  const running = setImmediate(act);
  return () => clearImmediate(running);
}
