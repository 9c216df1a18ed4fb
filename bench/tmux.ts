// A tmux server of its own, on a socket in the home of the run: the peer that people know. Needs tmux on PATH.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Home } from "../tests/harness/folders.ts";

export class Tmux implements Disposable {
  readonly env: Readonly<Record<string, string>>;
  /** Begins every command line that speaks to this server. */
  readonly command: readonly [string, ...string[]];

  constructor(home: Home) {
    this.env = home.env;
    this.command = ["tmux", "-S", join(home.root, "tmux.sock"), "-f", "/dev/null"];
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

  /** Ends the server with its sessions, if it runs. */
  [Symbol.dispose](): void {
    try {
      this.run("kill-server");
    } catch {}
  }
}
