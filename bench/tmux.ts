// A tmux server of its own, on a socket in the home of the run: the peer that people know. Needs tmux on PATH.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Home } from "../tests/harness/folders.ts";
import { naming } from "../tests/harness/processes.ts";
import { waitUntil } from "../tests/harness/wait-until.ts";

export class Tmux implements AsyncDisposable {
  readonly #socket: string;
  readonly env: Readonly<Record<string, string>>;
  /** Begins every command line that speaks to this server. */
  readonly command: readonly [string, ...string[]];

  constructor(home: Home) {
    this.env = home.env;
    this.#socket = join(home.root, "tmux.sock");
    this.command = ["tmux", "-S", this.#socket, "-f", "/dev/null"];
  }

  /** Runs one command to its end; what it printed. */
  run(...args: readonly string[]): string {
    const [program, ...before] = this.command;
    return execFileSync(program, [...before, ...args], { env: this.env, encoding: "utf8" });
  }

  /** Of the server, which must run. */
  get pid(): number {
    return Number(this.run("display-message", "-p", "#{pid}"));
  }

  /** Ends the server with its sessions, if it runs, and waits until it has gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.run("kill-server");
    } catch {}
    await waitUntil("tmux has gone", () => naming(this.#socket).length === 0);
  }
}
