// One real server of its own, started as a person would, in folders that go away again. For tests of the command line.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainEnvironment, type Ran, runCli } from "./run-cli.ts";

export class OwnFleet {
  readonly folder = mkdtempSync(join(tmpdir(), "fleetty-own-"));

  get env(): Record<string, string> {
    return { ...plainEnvironment(), XDG_RUNTIME_DIR: this.folder, XDG_STATE_HOME: join(this.folder, "state") };
  }

  fleetty(...args: string[]): Promise<Ran> {
    return runCli(args, { env: this.env });
  }

  /** Kills the server as a crash would. */
  async kill(): Promise<void> {
    const log = readFileSync(join(this.folder, "state/fleetty/default/server.log"), "utf8");
    const last = log.split("\n").findLast((line) => line.includes('"ready"'));
    process.kill(JSON.parse(last ?? "{}").pid, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleetty("session-host", "stop", "--end-sessions");
    await this.fleetty("stop");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
