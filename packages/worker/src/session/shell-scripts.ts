// Has a session's shell mark its commands: decides what it is started with, and owns the scripts that it reads, which are
// there only until it has read them.
import { type Integration, integrate } from "../marks/integration.ts";
import type { PtySpec } from "../pty/pty.ts";
import { removeScripts } from "../pty/start-scripts.ts";
import type { SpawnSpec } from "./spec.ts";

interface ScriptsParts {
  /** Of this session alone; undefined: the shell is left alone. */
  readonly folder: string | undefined;
  readonly nonce: string;
}

/** What a program is started with. */
export type Given = Required<Pick<PtySpec, "argv" | "env" | "scripts">>;

export class ShellScripts {
  readonly #spec: SpawnSpec;
  readonly #folder: string | undefined;
  readonly #integration: Integration | null;
  #areThere = false;

  constructor(spec: SpawnSpec, { folder, nonce }: ScriptsParts) {
    this.#spec = spec;
    this.#folder = folder;
    const { argv, env, server: serverHostname, integration } = spec;
    const isWanted = folder !== undefined && integration !== "off";
    this.#integration = isWanted ? integrate({ argv, env, folder, nonce, serverHostname }) : null;
  }

  /** Whether the shell says when a command begins, and not only when it has ended. */
  get hasCommandMarks(): boolean {
    return this.#integration?.shell !== "sh";
  }

  /** What to start; whoever starts it writes the scripts before. */
  give(): Given {
    const { argv, env, files } = this.#integration ?? { ...this.#spec, files: [] };
    this.#areThere = files.length > 0;
    return { argv, env, scripts: files };
  }

  /** The shell has read them, or has ended. Nothing is lost with what cannot be removed: it goes with the session. */
  remove(): void {
    if (!this.#areThere || this.#folder === undefined) return;
    this.#areThere = false;
    void removeScripts(this.#folder).catch(() => {});
  }
}
