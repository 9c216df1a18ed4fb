// Makes an ordinary user with a password, who may use sudo, for as long as a test runs. Only root can.
import { spawnSync } from "node:child_process";

/** One for the machine: two at once would write the same files. */
export const USER = "fleetty-corpus";
/** Its password, of no use to anybody elsewhere: the user goes with the test. */
export const PASSWORD = "corpus-Pa55";

/** Argv of a program that runs as this user. */
export function asUser(...argv: readonly string[]): readonly string[] {
  return ["/usr/bin/setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--init-groups", ...argv];
}

/** What to say to the runner where it cannot be made. */
export function missingForUser(): string | false {
  return process.getuid?.() !== 0 && "only root can make a user";
}

export class ScratchUser implements Disposable {
  constructor() {
    // One that a killed test has left.
    this[Symbol.dispose]();
    run("/usr/sbin/useradd", ["--no-create-home", "--home-dir", "/", "--shell", "/bin/bash", "--user-group", USER]);
    run("/usr/sbin/chpasswd", [], `${USER}:${PASSWORD}\n`);
    run("/usr/sbin/usermod", ["--append", "--groups", "sudo", USER]);
  }

  [Symbol.dispose](): void {
    spawnSync("/usr/sbin/userdel", ["--force", USER], { stdio: "ignore" });
  }
}

/** Gives it a folder with all that is in it. */
export function handOver(folder: string): void {
  run("/bin/chown", ["-R", `${USER}:`, folder]);
}

function run(program: string, args: readonly string[], input = ""): void {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
