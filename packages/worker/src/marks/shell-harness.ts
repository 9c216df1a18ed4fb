// Holds what the tests of real shells share: an integrated shell on a real terminal with a home of its own, and what its
// marks tell. Knows nothing of single tests.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { childrenOf } from "../pty/processes.ts";
import { eventually, Run, testEnv } from "../pty/pty-harness.ts";
import { removeScripts } from "../pty/start-scripts.ts";
import { makeNonces } from "../session/nonces.ts";
import type { EndedCommand } from "./commands.ts";
import { type Integration, integrate } from "./integration.ts";
import type { Mark } from "./mark.ts";
import type { ForeignMark } from "./mark-scanner.ts";
import { outputEnd } from "./output-end.ts";
import { SessionMarks } from "./session-marks.ts";

export interface ShellOptions {
  /** Files of the home folder, by their path in it. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** False: as it would be without us. */
  readonly isIntegrated?: boolean;
  /** Another text for a file of the integration. */
  readonly edit?: (text: string) => string;
}

/** read, poll, select, pselect6, ppoll; on arm64 read, pselect6, ppoll. */
const READING = new Set(process.arch === "arm64" ? [63, 72, 73] : [0, 7, 23, 270, 271]);

export const KEYS = { enter: "\r", interrupt: "\x03", endOfFile: "\x04" };

export class ShellRun {
  readonly home: string;
  readonly folder: string;
  readonly nonces = makeNonces();
  readonly marks: Mark[] = [];
  readonly foreign: ForeignMark[] = [];
  readonly tracked: SessionMarks;
  /** Whether what the kernel would be asked for is so at once. */
  agrees = true;
  readonly #integration: Integration | null;
  readonly #spec: { argv: readonly string[]; env: Readonly<Record<string, string>> };
  #run!: Run;
  /** Chunks, and bytes, that have been looked at. */
  #read = 0;
  #offset = 0;

  private constructor(argv: readonly string[], { files = {}, env = {}, isIntegrated = true }: ShellOptions) {
    this.home = mkdtempSync(join(tmpdir(), "fleetty-marks-"));
    this.folder = join(this.home, "state/integration");
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.home, name)), { recursive: true });
      writeFileSync(join(this.home, name), text);
    }
    const all = { ...testEnv, HOME: this.home, LANG: "C.UTF-8", ...env };
    const request = { argv, env: all, folder: this.folder, nonce: this.nonces.marks, serverHostname: "build-1" };
    this.#integration = isIntegrated ? integrate(request) : null;
    this.tracked = new SessionMarks(this.nonces, { hasCommandMarks: this.#integration?.shell !== "sh" });
    assert.equal(this.#integration === null, !isIntegrated, "the shell is one that can be integrated");
    this.#spec = { argv: this.#integration?.argv ?? argv, env: this.#integration?.env ?? all };
  }

  static async start(argv: readonly string[], options: ShellOptions = {}): Promise<ShellRun> {
    const shell = new ShellRun(argv, options);
    const edit = options.edit ?? ((text: string) => text);
    const scripts = shell.#integration?.files.map(({ path, text }) => ({ path, text: edit(text) })) ?? [];
    const { argv: command, env } = shell.#spec;
    shell.#run = await Run.start(command, { env: { ...env }, scripts, cwd: shell.home, onChunk: () => shell.#take() });
    shell.#take();
    return shell;
  }

  /** What it has printed. */
  get output(): string {
    return this.#run.output;
  }

  get bytes(): Buffer {
    return this.#run.bytes;
  }

  get exits(): readonly unknown[] {
    return this.#run.exits;
  }

  get kinds(): string {
    return this.marks.map(({ kind }) => kind).join(" ");
  }

  type(text: string): void {
    void this.#run.pty.write(Buffer.from(text));
  }

  /** Resolves once as many prompts are whole. */
  async prompts(count: number): Promise<void> {
    const shown = () => this.marks.filter(({ kind }) => kind === "input").length;
    await this.until(`${count} prompts`, () => shown() >= count);
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    await this.#run.until(`${what}; marks: ${this.kinds}`, isTrue);
  }

  /** Types a line at a prompt that is there; resolves with the command that it was, once the next prompt is whole. */
  async command(line: string): Promise<EndedCommand> {
    const { commands } = this.tracked;
    const before = commands.last?.id;
    this.type(line + KEYS.enter);
    await this.until(`the end of ${line}`, () => commands.last?.id !== before);
    return commands.last as EndedCommand;
  }

  /** Resolves once the shell waits for its terminal: a signal before that finds it elsewhere than at its prompt. */
  async reads(): Promise<void> {
    const path = `/proc/${this.#run.pty.pid}/syscall`;
    await eventually(`the shell reads its terminal; it has printed ${JSON.stringify(this.output.slice(-200))}`, () =>
      READING.has(Number(readFileSync(path, "utf8").split(" ")[0])),
    );
  }

  /** Keys at a prompt, then the next whole one. */
  async prompted(keys: string, { isRunning = false } = {}): Promise<void> {
    if (!isRunning) await this.reads();
    const shown = this.marks.filter(({ kind }) => kind === "input").length;
    this.type(keys);
    await this.prompts(shown + 1);
  }

  /** Types at a prompt, and waits until it is shown. */
  async echoed(text: string): Promise<void> {
    const from = this.bytes.length;
    this.type(text);
    await this.until(`the echo of ${text}`, () => this.bytes.subarray(from).includes(text.at(-1) as string));
  }

  has(file: string): boolean {
    return existsSync(join(this.home, file));
  }

  removeScripts(): Promise<void> {
    return removeScripts(this.folder);
  }

  /** What a command printed, without what its shell added. */
  outputOf({ from, to }: { from: number; to: number }): string {
    const bytes = this.bytes.subarray(from, to);
    return bytes.subarray(0, outputEnd(bytes)).toString().replaceAll("\r\n", "\n");
  }

  async exit(): Promise<void> {
    await this.#run.exit();
  }

  async end(): Promise<void> {
    await this.#run.end();
    rmSync(this.home, { recursive: true, force: true });
  }

  #take(): void {
    for (const chunk of this.#run ? this.#run.chunks.slice(this.#read) : []) this.#chunk(chunk);
  }

  #chunk(chunk: Buffer): void {
    for (const found of this.tracked.read(chunk, this.#offset, performance.now())) {
      if (found.type === "mark") this.marks.push(found.mark);
      if (found.type === "foreign") this.foreign.push(found.mark);
    }
    this.#read += 1;
    this.#offset += chunk.length;
    if (this.agrees) this.tracked.commands.agree();
  }
}

/** For the end of each file of tests: no shell is left behind. */
export async function endShells(): Promise<void> {
  await Run.endAll();
  await eventually("no child is left", () => childrenOf(process.pid).length === 0);
}

/** Gives `tell` a shell at its first prompt, and ends it whatever comes of that. */
export async function withShell(
  argv: readonly string[],
  options: ShellOptions,
  tell: (shell: ShellRun) => Promise<void>,
): Promise<void> {
  const shell = await ShellRun.start(argv, options);
  try {
    await shell.prompts(1);
    await tell(shell);
  } finally {
    await shell.end();
  }
}

/** What a whole command of a shell is. */
interface WholeCommand {
  /** Kinds of its marks, and of the next prompt's. */
  readonly cycle: string;
  /** Prints `out42`, which does not stand in it, and ends with the code. */
  readonly line?: (code: number) => string;
  readonly printed?: RegExp;
  /** Whether the marks say what was typed. */
  readonly hasText?: boolean;
}

/** Makes a function that runs commands that must be whole: each with its marks, its own code, and what it prints. */
export function wholeCommands({
  cycle,
  line = (code) => `echo out$((40 + 2)); (exit ${code})`,
  printed = /^out42\n$/,
  hasText = false,
}: WholeCommand): (shell: ShellRun, codes?: readonly number[]) => Promise<void> {
  return async (shell, codes = [0, 3, 0]) => {
    for (const code of codes) {
      const before = shell.marks.length;
      const ended = await shell.command(line(code));
      assert.equal(ended.exit_code, code);
      if (hasText) assert.equal(ended.text, line(code));
      assert.match(shell.outputOf(ended), printed);
      const kinds = shell.marks.slice(before).map(({ kind }) => kind);
      assert.equal(kinds.join(" "), cycle);
    }
  };
}

/** Whether a program can be started by its name. */
export function isInstalled(name: string): boolean {
  return testEnv.PATH.split(":").some((folder) => existsSync(join(folder, name)));
}
