// Reads a secret where the operator's configuration says that it is: in a file, in a variable of our environment, or in what a
// command prints. Read anew at each use and kept nowhere. What goes wrong is said without a word of what was read.
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Secret } from "@fleetty/protocol/secret";
import { problemOfSecret } from "@fleetty/protocol/secret-value";

export type SecretSource =
  /** `path`: absolute. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "env"; readonly variable: string }
  | { readonly kind: "command"; readonly argv: readonly string[] };

/** A secret as [secrets.NAME] of config.toml has it. */
export interface ConfiguredSecret {
  readonly source: SecretSource;
  /** Only for sessions with one of them; none: for all. */
  readonly tags: readonly string[];
  /** RE2; only where the line that asks matches it. */
  readonly prompt: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a source says at most, its line end counted, and how long it may take for it (public limits). */
const SOURCE_MAX_BYTES = 4096;
const SOURCE_MAX_MS = 10_000;
/** What is ours alone, tokens above all, is for no command. */
const OWN = /^(?:FLEETTY|ORCHESTRATOR|WSH)_/;

/** Why there is no secret; the message goes on after "secret NAME" and tells nothing of what was read. */
export class SourceProblem extends Error {
  override readonly name = "SourceProblem";
}

/** Throws SourceProblem. `environment`: ours. */
export async function readSource(source: SecretSource, environment: Environment): Promise<Secret> {
  const bytes = await bytesOf(source, environment);
  if (bytes.byteLength > SOURCE_MAX_BYTES) throw new SourceProblem(`is over ${SOURCE_MAX_BYTES} bytes`);
  const text = textOf(bytes).replace(/\n$/, "");
  const problem = problemOfSecret(text);
  if (problem) throw new SourceProblem(problem);
  return new Secret(text);
}

function bytesOf(source: SecretSource, environment: Environment): Promise<Buffer> {
  switch (source.kind) {
    case "file":
      return inTime(readBounded(source.path), "its file was not read within 10 s");
    case "env":
      return fromVariable(environment[source.variable]);
    case "command":
      return new SourceCommand(source.argv, environment).printed;
  }
}

async function fromVariable(text: string | undefined): Promise<Buffer> {
  if (text === undefined) throw new SourceProblem("has no value: its variable is not set where fleetty was started");
  return Buffer.from(text);
}

async function inTime<T>(reading: Promise<T>, late: string): Promise<T> {
  const over = new AbortController();
  const deadline = delay(SOURCE_MAX_MS, undefined, { signal: over.signal, ref: false }).then(
    () => Promise.reject(new SourceProblem(late)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([reading, deadline]);
  } finally {
    over.abort();
  }
}

async function readBounded(path: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    // One that is no file, such as a pipe that nobody writes to, is opened all the same, and then left alone.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) throw new SourceProblem("is to be read from a file, and that is none");
    if ((stats.mode & 0o077) !== 0) throw new SourceProblem("is in a file that is open to others; chmod 600 it");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SOURCE_MAX_BYTES + 1), 0, SOURCE_MAX_BYTES + 1, 0);
    return buffer.subarray(0, bytesRead);
  } catch (thrown) {
    if (thrown instanceof SourceProblem) throw thrown;
    throw new SourceProblem(`has a file that cannot be read (${(thrown as NodeJS.ErrnoException).code})`);
  } finally {
    await file?.close();
  }
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SourceProblem("is no text in UTF-8");
  }
}

/** A command without a terminal, in a session of its own; it ends, with all that it has started, when it is late or says too much. */
class SourceCommand {
  readonly printed: Promise<Buffer>;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(argv: readonly string[], environment: Environment) {
    const [program = "", ...args] = argv;
    const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !OWN.test(name)));
    // What it says on its standard error may be about the secret: nobody reads it.
    const child = spawn(program, args, { cwd: "/", detached: true, stdio: ["ignore", "pipe", "ignore"], env });
    const end = () => endGroup(child.pid);
    this.printed = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        end();
        reject(new SourceProblem("did not come: its command took over 10 s"));
      }, SOURCE_MAX_MS);
      child.stdout.on("data", (piece: Buffer) => {
        if (!this.#take(piece)) end();
      });
      child.once("error", () => {
        clearTimeout(timer);
        reject(new SourceProblem("has a command that cannot be started"));
      });
      child.once("close", (code, signal) => {
        clearTimeout(timer);
        const isWhole = code === 0 || this.#isTooMuch;
        if (isWhole) return resolve(Buffer.concat(this.#pieces));
        reject(new SourceProblem(`did not come: its command ended with ${signal ?? `status ${code}`}`));
      });
    });
  }

  get #isTooMuch(): boolean {
    return this.#bytes > SOURCE_MAX_BYTES;
  }

  #take(piece: Buffer): boolean {
    this.#bytes += piece.byteLength;
    this.#pieces.push(piece);
    return !this.#isTooMuch;
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}
