// A terminal as a person has one: a real PTY whose output an emulator draws, and which answers queries as emulators do.

import { setTimeout as wait } from "node:timers/promises";
import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

export interface PtyTerminalOptions {
  readonly cols: number;
  readonly rows: number;
  readonly env: Readonly<Record<string, string>>;
}

export class PtyTerminal {
  readonly #pty: IPty;
  readonly #emulator: InstanceType<typeof xterm.Terminal>;
  /** What the emulator answered to queries. */
  answers = "";
  exitCode: number | undefined;

  constructor(argv: readonly [string, ...string[]], { cols, rows, env }: PtyTerminalOptions) {
    const [program, ...args] = argv;
    this.#emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true });
    this.#pty = spawn(program, args, { cols, rows, env: { ...env }, name: "xterm-256color" });
    this.#pty.onData((data) => this.#emulator.write(data));
    this.#emulator.onData((answer) => {
      this.answers += answer;
      this.#pty.write(answer);
    });
    this.#pty.onExit(({ exitCode }) => {
      this.exitCode = exitCode;
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The visible rows, without blanks at their ends and without blank rows at the end. */
  get text(): string {
    const { active } = this.#emulator.buffer;
    const rows = Array.from({ length: this.#emulator.rows }, (_, at) => active.getLine(active.viewportY + at));
    return rows
      .map((row) => row?.translateToString(true) ?? "")
      .join("\n")
      .trimEnd();
  }

  /** How the character at a place of the visible rows looks. */
  looksAt(row: number, col: number): { readonly isInverse: boolean; readonly background: number | undefined } {
    const { active } = this.#emulator.buffer;
    const cell = active.getLine(active.viewportY + row)?.getCell(col);
    return {
      isInverse: (cell?.isInverse() ?? 0) !== 0,
      background: cell?.isBgDefault() ? undefined : cell?.getBgColor(),
    };
  }

  get isAlternate(): boolean {
    return this.#emulator.buffer.active.type === "alternate";
  }

  /** What programs have switched on. */
  get modes() {
    const { mouseTrackingMode, bracketedPasteMode } = this.#emulator.modes;
    return { mouseTrackingMode, bracketedPasteMode };
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#emulator.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  async until(why: string, holds: (text: string) => boolean): Promise<void> {
    const deadline = performance.now() + 15_000;
    while (!holds(this.text)) {
      if (performance.now() > deadline) throw new Error(`waited 15 s for ${why}; the terminal shows:\n${this.text}`);
      await wait(10);
    }
  }

  /** Resolves with the exit code once the program has ended and its last words are shown. */
  async ended(lastWords: RegExp): Promise<number> {
    await this.until(`the end, with ${lastWords}`, (text) => this.exitCode !== undefined && lastWords.test(text));
    return this.exitCode as number;
  }

  close(): void {
    if (this.exitCode === undefined) this.#pty.kill("SIGKILL");
    this.#emulator.dispose();
  }
}
