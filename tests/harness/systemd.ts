// Runs a real systemd for a test: a user's manager in namespaces of its own, over a home of the test, so that it starts and
// stops services as it does on any machine and sees nothing of this one. Ends it, and whatever it started, at the end.
//
// It needs root, for the namespaces and a control group of its own in cgroup v2.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Home } from "./folders.ts";
import { waitUntil } from "./wait-until.ts";

const MANAGER = "/lib/systemd/systemd";
const NAMESPACES = ["--mount", "--pid", "--fork", "--cgroup", "--kill-child"];

/** Process 1 of the namespaces: gives systemd the control groups and the /run that it looks for, then waits for it. */
const BEGIN = `
mount --make-rprivate / && mount -t proc proc /proc
umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system
${MANAGER} --user --unit=basic.target &
wait
`;

/** Why no systemd can be run here; false when it can. */
export function whyNoSystemd(): string | false {
  if (!existsSync(MANAGER)) return "systemd is not installed";
  if (process.getuid?.() !== 0) return "namespaces for a systemd of its own need root";
  const root = cgroupRoot();
  if (root === null) return "cgroup v2 is not mounted, or not to be written";
  try {
    execFileSync("unshare", [...NAMESPACES, "mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"], { stdio: "pipe" });
    return false;
  } catch (thrown) {
    return `no namespaces can be made here: ${(thrown as { stderr?: Buffer }).stderr}`;
  }
}

export class Systemd {
  readonly #home: Home;
  readonly #group: string;
  readonly #child: ChildProcess;
  #said = "";

  private constructor(home: Home) {
    this.#home = home;
    this.#group = join(cgroupRoot() as string, basename(home.root));
    mkdirSync(this.#group);
    const script = `echo $$ > ${this.#group}/cgroup.procs && exec unshare ${NAMESPACES.join(" ")} sh -c '${BEGIN}'`;
    this.#child = spawn("sh", ["-c", script], { env: { ...home.env }, stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr?.on("data", (piece: Buffer) => {
      this.#said += piece.toString();
    });
  }

  /** Resolves when it answers. */
  static async start(home: Home): Promise<Systemd> {
    const systemd = new Systemd(home);
    try {
      const answers = () =>
        systemd.systemctl("is-system-running").then(
          (state) => state === "running",
          () => false,
        );
      await waitUntil("systemd runs", answers, { seen: () => systemd.#said });
      return systemd;
    } catch (thrown) {
      await systemd[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Installs a unit, or a drop-in for one by its path below the folder of units. */
  async install(name: string, text: string): Promise<void> {
    const path = join(this.#home.root, "home/systemd/user", name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    await this.systemctl("daemon-reload");
  }

  /** Resolves with what it printed; rejects when it failed. */
  systemctl(...args: readonly string[]): Promise<string> {
    const [init] = readFileSync(
      join("/proc", `${this.#child.pid}`, "task", `${this.#child.pid}`, "children"),
      "utf8",
    ).split(" ");
    const inside = ["-t", `${init}`, "--mount", "--pid", "--cgroup", "--", "systemctl", "--user", ...args];
    return new Promise((resolve, reject) => {
      execFile("nsenter", inside, { env: { ...this.#home.env } }, (error, stdout, stderr) => {
        if (error) reject(new Error(`systemctl ${args.join(" ")}: ${stderr}${stdout}`, { cause: error }));
        else resolve(stdout.trim());
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its process 1 goes with it, and all that lives in the namespace with that.
    this.#child.kill("SIGKILL");
    await waitUntil("systemd has gone", () => this.#child.signalCode !== null || this.#child.exitCode !== null);
    await waitUntil("its control group is empty", () => isEmpty(this.#group));
    removeGroup(this.#group);
    assert.equal(existsSync(this.#group), false);
  }
}

/** Where cgroup v2 is mounted and can be written; null when it is nowhere. */
function cgroupRoot(): string | null {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const path = mounts.map((line) => line.split(" ")).find((one) => one[2] === "cgroup2")?.[1];
  try {
    accessSync(path ?? "", constants.W_OK);
    return path ?? null;
  } catch {
    return null;
  }
}

function isEmpty(group: string): boolean {
  return /^populated 0$/m.test(readFileSync(join(group, "cgroup.events"), "utf8"));
}

function removeGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(group, entry.name));
  rmdirSync(group);
}
