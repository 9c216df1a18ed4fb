// Runs a user's own systemd for a test, over a home of the test, so that it starts and stops services as it does on any
// machine and sees nothing of this one. Ends it, and whatever it started, at the end.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Container, MANAGER, MOUNT_CGROUPS, whyNoContainer } from "./container.ts";
import type { Home } from "./folders.ts";

/** Gives it the control groups and the /run that it looks for, then waits for it. */
const BEGIN = `
mount --make-rprivate / && mount -t proc proc /proc
umount -R /sys/fs/cgroup && ${MOUNT_CGROUPS}
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system
${MANAGER} --user --unit=basic.target &
wait
`;

/** Why no systemd can be run here; false when it can. */
export function whyNoSystemd(): string | false {
  return whyNoContainer(MOUNT_CGROUPS);
}

export class Systemd {
  readonly #home: Home;
  readonly #container: Container;

  private constructor(home: Home) {
    this.#home = home;
    this.#container = new Container({ folder: home.root, begin: BEGIN, env: home.env });
  }

  /** Resolves when it answers. */
  static async start(home: Home): Promise<Systemd> {
    const systemd = new Systemd(home);
    return systemd.#container.comeUp(systemd, false);
  }

  /** Installs a unit, or a drop-in for one by its path below the folder of units. */
  async install(name: string, text: string): Promise<void> {
    const path = join(this.#home.root, "home/systemd/user", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    await this.systemctl("daemon-reload");
  }

  /** Resolves with what it printed; rejects when it failed. */
  async systemctl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#container.run(["systemctl", "--user", ...args]);
    if (code !== 0) throw new Error(`systemctl ${args.join(" ")}: ${stderr}${stdout}`);
    return stdout.trim();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#container[Symbol.asyncDispose]();
  }
}
