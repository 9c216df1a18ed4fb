// Holds what the tests of this folder share: a terminal with a fixture program in it, what it printed, and its end.
// Knows nothing of single tests.
import { fileURLToPath } from "node:url";
import { type Pty, type PtyExit, type PtySpec, spawnPty } from "./pty.ts";

/** How long a test waits for anything before it says what is missing: far above what a busy machine needs. */
const DEADLINE_MS = 20_000;

export const testEnv = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", TERM: "xterm-256color" };

/** Path of a program of tests/programs. */
export function program(name: string): string {
  return fileURLToPath(new URL(`../../../../tests/programs/${name}`, import.meta.url));
}

/** A running fixture. `output` is all it has printed so far; `exits` all ends that were told (one, if all is well). */
export class Run {
  static readonly #started = new Set<Run>();
  readonly chunks: Buffer[] = [];
  readonly exits: PtyExit[] = [];
  /** Bytes that had come when the exit was told. */
  bytesAtExit = -1;
  pty!: Pty;
  #wake: () => void = () => {};

  /** `onChunk` is called after a chunk has been kept. */
  static async start(argv: readonly string[], more: Partial<PtySpec> & { onChunk?: () => void } = {}): Promise<Run> {
    const run = new Run();
    run.pty = await spawnPty({
      argv,
      cwd: "/",
      env: testEnv,
      cols: 80,
      rows: 24,
      onData: (bytes) => {
        run.chunks.push(Buffer.from(bytes));
        more.onChunk?.();
        run.#wake();
      },
      onExit: (exit) => {
        run.exits.push(exit);
        run.bytesAtExit = run.bytes.byteLength;
        run.#wake();
      },
      ...more,
    });
    Run.#started.add(run);
    return run;
  }

  /** Ends what a failed test left running, so that the next one starts clean. */
  static async endAll(): Promise<void> {
    const left = [...Run.#started].filter((run) => run.exits.length === 0);
    Run.#started.clear();
    await Promise.all(left.map((run) => run.end()));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get output(): string {
    return this.bytes.toString();
  }

  /** Resolves with the exit, once told. */
  async exit(): Promise<PtyExit> {
    await this.until("the program's exit", () => this.exits.length > 0);
    return this.exits[0] as PtyExit;
  }

  /** Resolves with the match once the output has one. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    await this.until(`output like ${pattern}`, () => pattern.test(this.output));
    return pattern.exec(this.output) as RegExpExecArray;
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    const late = setTimeout(() => this.#wake(), DEADLINE_MS);
    const deadlineMs = performance.now() + DEADLINE_MS;
    try {
      while (!isTrue()) {
        if (performance.now() >= deadlineMs) throw new Error(`waited in vain for ${what}; ${this.#diagnosis()}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** Ends what is left of it; for the end of a test. */
  async end(): Promise<void> {
    if (this.exits.length === 0) process.kill(this.pty.pid, "SIGKILL");
    await this.exit();
  }

  #diagnosis(): string {
    return `exits: ${JSON.stringify(this.exits)}, last output: ${JSON.stringify(this.output.slice(-300))}`;
  }
}

/** Resolves when `isTrue` holds; looks every few milliseconds. */
export async function eventually(what: string, isTrue: () => boolean): Promise<void> {
  for (const deadlineMs = performance.now() + DEADLINE_MS; !isTrue(); ) {
    if (performance.now() >= deadlineMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
