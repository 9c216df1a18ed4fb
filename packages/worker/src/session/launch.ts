// Holds what a session's program is started with beyond its spec: scripts that have a shell mark its commands, the first prompt,
// and the variables by which it knows its session. What was written for that goes when it has been read, or with the program.

import { FirstPrompt } from "./first-prompt.ts";
import type { Nonces } from "./nonces.ts";
import type { Session } from "./session.ts";
import type { SessionParts } from "./session-parts.ts";
import { type Given, ShellScripts } from "./shell-scripts.ts";
import type { SpawnSpec } from "./spec.ts";

export class Launch {
  readonly prompt: FirstPrompt;
  readonly #id: string;
  readonly #nonces: Nonces;
  readonly #scripts: ShellScripts;

  constructor(spec: SpawnSpec, nonces: Nonces, { scripts, promptFile = "" }: SessionParts) {
    this.#id = spec.id;
    this.#nonces = nonces;
    this.prompt = new FirstPrompt(spec, promptFile);
    const given = { ...spec, argv: this.prompt.in(spec.argv) };
    this.#scripts = new ShellScripts(given, { folder: scripts, nonce: nonces.marks });
  }

  /** Whether the shell says when a command begins, and not only when it has ended. */
  get hasCommandMarks(): boolean {
    return this.#scripts.hasCommandMarks;
  }

  /** What to start. Rejects with `session_create_failed {step: "prompt"}`. */
  async write(): Promise<Given> {
    await this.prompt.write();
    const { env, ...given } = this.#scripts.give();
    return { ...given, env: { ...env, FLEETTY_SESSION: this.#id, FLEETTY_REPORT: this.#nonces.report } };
  }

  /** The program has been started. */
  begin(session: Session): void {
    this.prompt.begin(session);
  }

  /** The shell has read its scripts. */
  scriptsRead(): void {
    this.#scripts.remove();
  }

  /** The program has ended. */
  end(): void {
    this.#scripts.remove();
    this.prompt.end();
  }
}
