// Has a session's shell mark its commands: decides what it is started with, and owns the scripts that it reads, which are
// there only until it has read them.
import { FleettyError } from "@fleetty/protocol/errors";
import { type Integration, integrate } from "../marks/integration.ts";
import { removeIntegration, writeIntegration } from "../marks/integration-files.ts";
import type { SpawnSpec } from "./spec.ts";

interface ScriptsParts {
  /** Of this session alone; undefined: the shell is left alone. */
  readonly folder: string | undefined;
  readonly nonce: string;
}

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

  /** What to start. Rejects with `session_create_failed {step: "scripts"}`. */
  async write(): Promise<Pick<SpawnSpec, "argv" | "env">> {
    if (!this.#integration) return this.#spec;
    const { argv, env, files } = this.#integration;
    this.#areThere = true;
    try {
      await writeIntegration(files);
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? "unknown";
      const message = `the shell's scripts cannot be written (${reason}); free space in the state folder, then try again`;
      throw new FleettyError("session_create_failed", message, { step: "scripts", reason }, { cause });
    }
    return { argv: [...argv], env: { ...env } };
  }

  /** The shell has read them, or has ended. Nothing is lost with what cannot be removed: it goes with the session. */
  remove(): void {
    if (!this.#areThere || this.#folder === undefined) return;
    this.#areThere = false;
    void removeIntegration(this.#folder).catch(() => {});
  }
}
