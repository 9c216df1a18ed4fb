// Owns the user's terminal while a command has it: raw mode, its size, what is written to it. Gives it back as it was, also
// when the process ends by a signal or a defect. Knows no session.
import { writeSync } from "node:fs";
import type { Size } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";

/**
 * Ends what a session may have left on: mouse and focus reports, bracketed paste, application keys, keyboard protocols,
 * alternate screen, margins, colours, cursor shape, character sets (xterm control sequences, DECSTR).
 */
export const RESET_MODES =
  "\x1b[?1000;1002;1003;1004;1005;1006;1015;1016;2004;2026l\x1b[?1l\x1b>\x1b[<u\x1b[>4;0m" +
  "\x1b[?1049l\x1b[!p\x1b[?7h\x1b[?25h\x1b[0m\x1b[0 q\x0f\x1b(B\x1b[r";
/** Signals that end what has the terminal; their numbers give the exit code (POSIX, signal.h). */
const ENDING_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

const USUAL_SIZE: Size = { rows: 24, cols: 80 };

export interface TerminalEvents {
  typed(bytes: Uint8Array): void;
  resized(size: Size): void;
  /** A signal asks for the end; the exit code that it stands for. */
  ended(exitCode: number): void;
}

export interface TerminalOptions {
  /** What is said where standard input and output are no terminal. */
  readonly refusal: string;
  /** Bytes that end what was switched on. */
  readonly giveBack: string;
}

export class Terminal implements Disposable {
  readonly #input = process.stdin;
  readonly #output = process.stdout;
  readonly #undo = new DisposableStack();
  readonly #lastBytes: string;
  #isTaken = false;

  /** Throws `invalid_request` when standard input and output are no terminal. */
  constructor({ refusal, giveBack }: TerminalOptions, events: TerminalEvents) {
    if (!this.#input.isTTY || !this.#output.isTTY) throw new FleettyError("invalid_request", refusal);
    this.#lastBytes = giveBack;
    this.#take();
    this.#listen(events);
  }

  /** A terminal that does not say its size is taken for one of the usual size. */
  get size(): Size {
    return { rows: this.#output.rows || USUAL_SIZE.rows, cols: this.#output.columns || USUAL_SIZE.cols };
  }

  /** Resolves when the terminal has taken it, so that a slow one holds back whoever writes. */
  write(data: string | Uint8Array): Promise<void> {
    if (!this.#isTaken || data.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#output.write(data, () => resolve()));
  }

  [Symbol.dispose](): void {
    this.#undo.dispose();
  }

  #take(): void {
    this.#input.setRawMode(true);
    this.#isTaken = true;
    const giveBack = () => this.#giveBack();
    process.once("exit", giveBack);
    this.#undo.defer(() => {
      process.off("exit", giveBack);
      giveBack();
    });
  }

  #giveBack(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    try {
      // Not through the stream: an exiting process does not wait for it.
      writeSync(1, this.#lastBytes);
      this.#input.setRawMode(false);
    } catch {
      // The terminal itself has gone, and nothing is left to give back.
    }
  }

  #listen(events: TerminalEvents): void {
    const typed = (bytes: Buffer) => events.typed(bytes);
    const resized = () => events.resized(this.size);
    const gone = () => events.ended(128 + ENDING_SIGNALS.SIGHUP);
    this.#input.on("data", typed).on("end", gone).on("error", gone);
    this.#output.on("resize", resized).on("error", gone);
    this.#undo.defer(() => {
      this.#input.off("data", typed).off("end", gone).off("error", gone).pause();
      this.#output.off("resize", resized);
    });
    for (const [signal, number] of Object.entries(ENDING_SIGNALS)) {
      const end = () => events.ended(128 + number);
      process.on(signal, end);
      this.#undo.defer(() => process.off(signal, end));
    }
  }
}
