// Asks programs for their version, `--version`, and remembers the answer as long as the file stays the same. Only for programs
// that are known to answer and do nothing else: whoever names programs to look for does not have them run.
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";

export interface VersionParts {
  /** As sessions have it. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long one may take, in ms. Default 3000: agents are written for interpreters that take their time to start. */
  readonly withinMs?: number;
}

const WITHIN_MS = 3_000;
/** At once: a machine that is asked what it has is not to be busy with that. */
const AT_ONCE = 4;
/** Of what one prints, in bytes; a version is in the first line. */
const PRINTED_MAX = 4096;
const VERSION = /\d+(?:\.\d+)+[\w.+-]{0,32}/;

interface Known {
  /** Of the file: when and which it was. */
  readonly stamp: string;
  readonly version: string | null;
}

export class ToolVersions {
  readonly #known = new Map<string, Known>();
  /** By path, while it runs. */
  readonly #asking = new Map<string, Promise<string | null>>();

  /** By path; null for one that does not say. `refresh`: what is remembered counts for nothing. */
  async of(paths: readonly string[], parts: VersionParts, refresh = false): Promise<(string | null)[]> {
    if (refresh) this.#known.clear();
    const found: (string | null)[] = [];
    for (let at = 0; at < paths.length; at += AT_ONCE) {
      const some = paths.slice(at, at + AT_ONCE);
      found.push(...(await Promise.all(some.map((path) => this.#one(path, parts)))));
    }
    return found;
  }

  /** Who comes while it is being asked hears what it says then: callers do not have it run once for each of them. */
  #one(path: string, parts: VersionParts): Promise<string | null> {
    const asking = this.#asking.get(path) ?? this.#ask(path, parts).finally(() => this.#asking.delete(path));
    this.#asking.set(path, asking);
    return asking;
  }

  async #ask(path: string, parts: VersionParts): Promise<string | null> {
    const stamp = await stampOf(path);
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.version;
    const version = VERSION.exec(await printed(path, parts))?.[0] ?? null;
    this.#known.set(path, { stamp, version });
    return version;
  }
}

async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
}

/** The beginning of what it prints; it has no terminal, no input, and a session of its own, and is ended when it is late. */
function printed(path: string, { environment, withinMs = WITHIN_MS }: VersionParts): Promise<string> {
  const child = spawn(path, ["--version"], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...environment },
  });
  return new Promise((resolve) => {
    let text = "";
    const done = () => {
      clearTimeout(timer);
      resolve(text.split("\n", 1)[0] ?? "");
    };
    const stop = () => {
      child.stdout.destroy();
      endGroup(child.pid);
      done();
    };
    const timer = setTimeout(stop, withinMs);
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.length > PRINTED_MAX) stop();
    });
    child.once("error", done);
    child.once("close", done);
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended, with all that it had started.
  }
}
