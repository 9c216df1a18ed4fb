// Decides from one look at the kernel, from what marks said last and from the cursor's line what a session wants: the
// rules K1 to K8, P0, P1 and Q1. Pure; one moment, one verdict. That two looks must agree, what an input or a mark changes,
// and E1 to E3 are decided by whoever asks.
//
// Asked of the innermost terminal that could be followed to, the first that fits decides:
//
//     nothing known of the terminal                                            → P1, else Q1
//     its inner terminal is lost                                               → P1, else K5
//     a program reads it, and input lies there that it is about to take        → K8
//     a program reads it in line mode:  echo is off                            → K1 (K4 at the proven prompt of a bare shell)
//                                       a relay that also serves the far side  → P1, else K5
//                                       own shell or dialogue without editor   → K4
//                                       else                                   → K3 with P1
//     a program reads its keys:         the line asks for a secret, unechoed   → P0 (not at a prompt that a mark proved)
//                                       a relay                                → P1, else K5
//                                       own shell or dialogue                  → K4
//                                       else                                   → K6 with P1
//     nobody is known to read it:       some cannot be looked at               → K2, else P1, else Q1
//                                       else                                   → K8
//
// With P1: that a program reads says that it can be answered, not whether it asks or is at its prompt. A pattern may tell these
// apart (needs_input, ready, done); that it works, only where the kernel itself doubts (event_loop), as one that draws does.
//
// P0 comes before K5: a far sudo's prompt is the most frequent question of all, and its text is all that can be known.
import type { KernelLook, LeaderLook, ProcessLook } from "../evidence/kernel-look.ts";
import { asksForSecret, asksPlainly, asksSomething, looksLikePrompt } from "./questions.ts";
import type { AttentionWord, Certainty, Verdict } from "./verdict.ts";

export interface JudgeContext {
  /** What the session's marks said last; `off`: there are none that count. */
  readonly marks: "off" | "prompt" | "command" | "continuation";
  /** Rendered text of the cursor's line, up to the cursor; of a wrapped line, all of it. */
  readonly lastLine: string;
  /** For how long echo has been off at every look; null: it is on, or this is the first look. */
  readonly echoOffForMs: number | null;
  /** Whether something that was typed since this line was begun has been shown. */
  readonly typedWasEchoed: boolean;
  /** Names of programs, as attention/relays.ts has them. */
  readonly relays: ReadonlySet<string>;
  readonly patterns: readonly AttentionPattern[];
  /** Rendered text of the last row that is not blank; a full screen may have its cursor elsewhere. */
  readonly lastShown: string;
}

/** What an operator, or a preset, says of a line. */
export interface AttentionPattern {
  readonly attention: AttentionWord;
  /** For people: the pattern as it was written. */
  readonly shown: string;
  matches(line: string): boolean;
}

/** Programs turn echo off for an instant while they start or redraw; people's questions last. */
const ECHO_OFF_MS = 200;

export function judge(look: KernelLook, context: JudgeContext): Verdict {
  return new Judgement(look, context).verdict();
}

class Judgement {
  readonly #look: KernelLook;
  readonly #context: JudgeContext;
  /** Of the foreground group, and whoever else may read the terminal. */
  readonly #processes: readonly ProcessLook[];
  /** The surest first. */
  readonly #readers: readonly ProcessLook[];
  /** Whether each terminal on the way in has its own leader in the foreground: then the session's program is that of the last. */
  readonly #isOwn: boolean;
  /** Marks are those of the outermost terminal: inside, an open command only says that this is part of it. */
  readonly #isInner: boolean;

  constructor(outer: KernelLook, context: JudgeContext) {
    const way = [outer];
    for (let at = outer; at.inner && at.inner !== "lost"; at = at.inner) way.push(at.inner);
    this.#look = way.at(-1) as KernelLook;
    this.#context = context;
    this.#isInner = way.length > 1;
    this.#isOwn = way.every(({ leader }) => leader?.leadsForeground ?? false);
    this.#processes = [...(this.#look.foreground?.processes ?? []), ...this.#look.elsewhere];
    this.#readers = this.#processes.filter(reads).toSorted((one, other) => doubtsOf(one) - doubtsOf(other));
  }

  verdict(): Verdict {
    const { terminal, inner, unreadBytes } = this.#look;
    if (!terminal) return this.#otherwise(QUIET);
    if (inner === "lost") return this.#otherwise(kernel("K5", "unknown", "heuristic", LOST));
    const [reader] = this.#readers;
    if (!reader) return this.#withoutReader(terminal);
    if (unreadBytes) return this.#unread(reader, terminal.isLineMode);
    return terminal.isLineMode ? this.#ofLines(reader, terminal.echoes) : this.#ofKeys(reader);
  }

  #ofLines(reader: ProcessLook, echoes: boolean): Verdict {
    const own = this.#ownInterpreter();
    const isBare = own !== null && !own.editsLine;
    const isProvenPrompt = isBare && own.kind === "shell" && this.#context.marks === "prompt" && !this.#isInner;
    if (!echoes && !isProvenPrompt) return this.#secret(reader);
    if (this.#relays(reader) && reader.waitsForOthersToo) return this.#otherwise(relayed(reader));
    if (isBare && this.#context.marks !== "command") return this.#ready(reader, own);
    const says = `${reader.program} reads a line from the terminal`;
    // Node keeps a terminal registered whose answer it has had; then the cursor stands on a line of its own.
    if (reader.isRegistered && this.#context.lastLine.trim() === "")
      return this.#refined(loop("K3", `${says}, or did so before`));
    return this.#refined(this.#asks(reader, { rule: "K3", how: "line", says }));
  }

  #secret(reader: ProcessLook): Verdict {
    const own = this.#ownInterpreter();
    const mayBePrompt = own !== null && this.#context.marks !== "command" && (own.kind === "shell" || !own.editsLine);
    const says = `echo is off in line mode, ${reader.program} reads the terminal`;
    if (mayBePrompt && this.#looksAtPrompt(own)) {
      return this.#otherwise(kernel("K1", "unknown", "heuristic", `${says}, at its prompt or for a secret`));
    }
    const isSure = !mayBePrompt && reader.isCertain && !isLoop(reader);
    return kernel("K1", "needs_secret", isSure ? "strong" : "heuristic", says);
  }

  /** Without a line editor a prompt left with echo off looks as a question for a secret does, but for its line. */
  #looksAtPrompt({ editsLine, prompts }: Interpreter): boolean {
    const { lastLine } = this.#context;
    const isPrompt = prompts?.first.test(lastLine) || (looksLikePrompt(lastLine) && !asksForSecret(lastLine));
    return !editsLine && isPrompt;
  }

  #ofKeys(reader: ProcessLook): Verdict {
    const { marks, lastLine, typedWasEchoed } = this.#context;
    const own = this.#ownInterpreter();
    const isProvenPrompt = own !== null && (marks === "prompt" || marks === "continuation") && !this.#isInner;
    if (!isProvenPrompt && !typedWasEchoed && asksForSecret(lastLine)) {
      return kernel("P0", "needs_secret", "heuristic", `${reader.program} reads keys, and the line asks for a secret`);
    }
    if (this.#relays(reader)) return this.#otherwise(relayed(reader));
    if (own) return this.#ready(reader, own);
    return this.#refined(
      this.#asks(reader, { rule: "K6", how: "keys", says: `${reader.program} reads keys from the terminal` }),
    );
  }

  /** The session's own shell or dialogue reads its terminal: at its prompt, unless something speaks against that. */
  #ready(reader: ProcessLook, own: Interpreter): Verdict {
    const { marks } = this.#context;
    const how = own.editsLine ? "keys" : "line";
    if (marks === "command")
      return this.#asks(reader, { rule: "K4", how, says: `${reader.program} reads within a command` });
    if (marks === "continuation" && !this.#isInner)
      return this.#asks(reader, { rule: "K4", how: "line", says: FURTHER });
    const confidence = marks === "prompt" && !this.#isInner ? "strong" : this.#promptCertainty(own);
    if (confidence === null) {
      const says = `${reader.program} reads the terminal, but not at its prompt`;
      return { ...this.#asks(reader, { rule: "K4", how: "line", says }), confidence: "heuristic" };
    }
    return kernel(
      "K4",
      "ready",
      reader.isCertain ? confidence : "heuristic",
      `${reader.program} reads its terminal at a prompt`,
    );
  }

  /** From the line alone; null: it is none. A dialogue reads an answer for one of its commands as it reads commands. */
  #promptCertainty({ kind, prompts }: Interpreter): Certainty | null {
    const { lastLine, typedWasEchoed } = this.#context;
    if (kind === "shell") return !typedWasEchoed && asksPlainly(lastLine) ? null : "heuristic";
    if (prompts?.further?.test(lastLine)) return null;
    if (prompts?.first.test(lastLine)) return "strong";
    return looksLikePrompt(lastLine) ? "heuristic" : null;
  }

  #asks(reader: ProcessLook, { rule, how, says }: { rule: string; how: "line" | "keys"; says: string }): Verdict {
    if (isLoop(reader)) return loop(rule, `${says}, but goes on by itself after an instant`);
    return { ...kernel(rule, "needs_input", reader.isCertain ? "strong" : "heuristic", says), how };
  }

  /** What the operator says of a program that reads: that it works, only where the kernel doubts that it waits. */
  #refined(verdict: Verdict): Verdict {
    const pattern = this.#patternThatMatches();
    const doubts = verdict.how === "event_loop";
    if (!pattern || (pattern.attention === "working" && !doubts)) return verdict;
    if (pattern.attention === verdict.attention && !doubts) return verdict;
    return matched(pattern);
  }

  /** A line that lies there ends every read; keys may be fewer than the program waits for (VMIN in termios(3)). */
  #unread(reader: ProcessLook, isLineMode: boolean): Verdict {
    return kernel(
      "K8",
      "working",
      isLineMode ? "strong" : "heuristic",
      `${reader.program} is about to read what was typed`,
    );
  }

  #withoutReader(terminal: { isLineMode: boolean; echoes: boolean }): Verdict {
    const processes = this.#processes;
    if (this.#look.foreground?.isGone && processes.length === 0) return BETWEEN_COMMANDS;
    const hidden = processes.filter(({ waitingOn }) => waitingOn === "unreadable");
    const isHidden = hidden.length > 0 || processes.length === 0 || !this.#look.foreground?.isWhole;
    if (!isHidden) return this.#working(processes);
    if (this.#isSecretOfHidden(terminal)) {
      const confidence = asksSomething(this.#context.lastLine) ? "strong" : "heuristic";
      const says = `echo is off in line mode, and ${hidden[0]?.program ?? "the program"} cannot be looked at`;
      return kernel("K2", "needs_secret", confidence, says);
    }
    return this.#otherwise({ ...QUIET, says: "what the foreground program waits for cannot be seen" });
  }

  #isSecretOfHidden({ isLineMode, echoes }: { isLineMode: boolean; echoes: boolean }): boolean {
    return isLineMode && !echoes && (this.#context.echoOffForMs ?? 0) >= ECHO_OFF_MS;
  }

  #working(processes: readonly ProcessLook[]): Verdict {
    const isSure = processes.every(({ isCertain }) => isCertain);
    const [first] = processes;
    return kernel(
      "K8",
      "working",
      isSure ? "strong" : "heuristic",
      `${first?.program} ${DOING[first?.waitingOn ?? "other"]}`,
    );
  }

  /** What the operator says of the line; else what is given. */
  #otherwise(verdict: Verdict): Verdict {
    const pattern = this.#patternThatMatches();
    return pattern ? matched(pattern) : verdict;
  }

  /** The first, of the cursor's line or of the last one that shows something. */
  #patternThatMatches(): AttentionPattern | undefined {
    const { patterns, lastLine, lastShown } = this.#context;
    return patterns.find((one) => one.matches(lastLine) || one.matches(lastShown));
  }

  /** What the only reader is, if it is the session's own program and takes commands. */
  #ownInterpreter(): Interpreter | null {
    const { leader } = this.#look;
    const isReader = this.#readers.every(({ pid }) => pid === leader?.pid);
    return this.#isOwn && isReader ? (leader?.interpreter ?? null) : null;
  }

  #relays({ program }: ProcessLook): boolean {
    return this.#context.relays.has(program);
  }
}

type Interpreter = NonNullable<LeaderLook["interpreter"]>;

const FURTHER = "the shell asks for the rest of a command";
const LOST = "what happens in its inner terminal cannot be followed";
const QUIET: Verdict = {
  attention: "unknown",
  confidence: "heuristic",
  source: "quiet",
  rule: "Q1",
  says: "the kernel cannot be asked",
};

const BETWEEN_COMMANDS = kernel("K8", "working", "heuristic", "nobody is left in the foreground");

/** For people, after the program's name. */
const DOING: Readonly<Record<ProcessLook["waitingOn"], string>> = {
  terminal: "reads the terminal",
  terminal_with_timeout: "looks at the terminal",
  unreadable: "cannot be looked at",
  running: "is running",
  inner_terminal: "waits for a program that it runs in a terminal",
  pipe: "waits for a pipe",
  socket: "waits for a socket",
  child: "waits for a child",
  sleep: "sleeps",
  signal: "waits for a signal",
  lock: "waits for one of its threads",
  other: "waits for something other than the terminal",
  stopped: "is stopped",
};

function kernel(rule: string, attention: AttentionWord, confidence: Certainty, says: string): Verdict {
  return { attention, confidence, source: "kernel", rule, says };
}

function matched({ attention, shown }: AttentionPattern): Verdict {
  const says = `the line matches ${shown}`;
  return { attention, confidence: "heuristic", source: "pattern", rule: "P1", says };
}

function relayed({ program }: ProcessLook): Verdict {
  const says = `${program} carries the terminal to where the kernel cannot follow`;
  return { ...kernel("K5", "unknown", "heuristic", says), how: "relay" };
}

function loop(rule: string, says: string): Verdict {
  return { ...kernel(rule, "needs_input", "heuristic", says), how: "event_loop" };
}

function doubtsOf(reader: ProcessLook): number {
  return Number(isLoop(reader)) + Number(reader.isRegistered) + Number(!reader.isCertain);
}

function reads({ waitingOn }: ProcessLook): boolean {
  return waitingOn === "terminal" || waitingOn === "terminal_with_timeout";
}

function isLoop({ waitingOn }: ProcessLook): boolean {
  return waitingOn === "terminal_with_timeout";
}
