// Runs a service manager as the first process of namespaces and of a control group of its own, runs commands beside it, and
// ends it with all that lives there. Knows nothing of what it manages.
//
// It needs root, for the namespaces, and cgroup v2.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { waitUntil } from "./wait-until.ts";

export const MANAGER = "/lib/systemd/systemd";
const NAMESPACES = ["--mount", "--pid", "--fork", "--cgroup", "--kill-child"];
/** Gives the control groups below its own to whoever looks for them in the usual place. */
export const MOUNT_CGROUPS = "mount -t cgroup2 none sys/fs/cgroup";

export interface ContainerOptions {
  /** Of its control group: that of a folder of the test. */
  readonly folder: string;
  /** Further namespaces: `--net`. */
  readonly namespaces?: readonly string[];
  /** A shell's script, which is process 1 of the namespaces until it becomes another. */
  readonly begin: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why `script` cannot be run in namespaces here; false when it can. */
export function whyNoContainer(script: string, namespaces: readonly string[] = []): string | false {
  if (!existsSync(MANAGER)) return "systemd is not installed";
  if (process.getuid?.() !== 0) return "namespaces for a systemd of its own need root";
  if (cgroupRoot() === null) return "cgroup v2 is not mounted, or not to be written";
  try {
    execFileSync("unshare", [...NAMESPACES, ...namespaces, "sh", "-ec", script], { cwd: "/", stdio: "pipe" });
    return false;
  } catch (thrown) {
    return `no namespaces can be made here: ${(thrown as { stderr?: Buffer }).stderr}`;
  }
}

export class Container {
  readonly #group: string;
  readonly #child: ChildProcess;
  readonly #env: Readonly<Record<string, string>>;
  #said = "";

  constructor({ folder, namespaces = [], begin, env }: ContainerOptions) {
    this.#env = env;
    this.#group = join(cgroupRoot() as string, basename(folder));
    mkdirSync(this.#group);
    // It ends with the test also where that is killed.
    const enter = `echo $$ > ${this.#group}/cgroup.procs && exec setpriv --pdeathsig KILL unshare "$@"`;
    const args = ["-c", enter, "sh", ...NAMESPACES, ...namespaces, "sh", "-ec", begin];
    this.#child = spawn("sh", args, { cwd: "/", env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (piece: Buffer) => {
        this.#said += piece.toString();
      });
  }

  /** What it and its manager have said, for a diagnosis. */
  get said(): string {
    return this.#said;
  }

  /** Its process 1, as this machine counts. */
  get init(): number {
    const [init] = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8").split(" ");
    return Number(init);
  }

  /** Starts a command in all of its namespaces and in its root. */
  spawn(argv: readonly string[]): ChildProcess {
    const inside = ["-t", `${this.init}`, "--all", "--root", "--wd", "--", ...argv];
    return spawn("nsenter", inside, { env: { ...this.#env } });
  }

  /** Resolves with how it ended, and what it printed. */
  run(argv: readonly string[]): Promise<Ran> {
    const child = this.spawn(argv);
    const printed = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.on("data", (piece: Buffer) => {
        printed[name] += piece.toString();
      });
    child.stdin?.end();
    return new Promise((resolve, reject) => {
      child.once("error", reject).once("close", (code) => resolve({ code, ...printed }));
    });
  }

  /** Resolves with `whole`, which this is the inside of, when it is up; ends that when it does not come up. */
  async comeUp<Whole extends AsyncDisposable>(whole: Whole, isSystem: boolean): Promise<Whole> {
    try {
      await this.#isUp(isSystem);
      return whole;
    } catch (thrown) {
      await whole[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Resolves when its manager has started what it starts by itself. */
  async #isUp(isSystem: boolean): Promise<void> {
    const ask = ["systemctl", isSystem ? "--system" : "--user", "is-system-running"];
    const answers = () =>
      this.run(ask).then(
        ({ stdout }) => stdout.trim() === "running",
        () => false,
      );
    await waitUntil("systemd runs", answers, { seen: () => this.#said });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its process 1 goes with it, and all that lives in the namespaces with that.
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
