// Says what this machine has to offer its sessions, as it is at the moment: looked at, never assumed.
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { arch, availableParallelism, loadavg, platform, totalmem } from "node:os";
import { isAbsolute, join } from "node:path";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { sessionEnvironment } from "../pty/environment.ts";
import { FLEETTY_VERSION } from "../version.ts";
import { ToolVersions } from "./tool-versions.ts";

export interface CapabilitiesOptions {
  /** Whose disk sessions are recorded on. */
  readonly stateDir: string;
  readonly maxSessions: number;
  readonly slots: number;
  /** The server's environment, from which an allow list passes to sessions. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long a program has to tell its version, in ms. */
  readonly versionWithinMs?: number;
}

/** What is looked for. */
const SHELLS = ["bash", "dash", "fish", "ksh", "mksh", "nu", "sh", "tcsh", "xonsh", "zsh"] as const;
/**
 * What agents and builds are placed by, and what answers `--version` with that and nothing else. A caller may name others to be
 * looked for, which are not run.
 */
const TOOLS = ["claude", "codex", "docker", "gemini", "git", "make", "node", "opencode", "podman", "python3"];

type Asked = OperationInput<"worker.capabilities">;

export class Capabilities {
  readonly #versions = new ToolVersions();

  /** Rejects when the disk of the state folder cannot be asked. */
  async now(options: CapabilitiesOptions, asked: Asked) {
    const { stateDir, maxSessions, slots, environment: inherited } = options;
    const { bavail, bsize } = await statfs(stateDir);
    const environment = sessionEnvironment({ inherited, passNames: [], asked: {} });
    const shells = await pathsOf(SHELLS, environment["PATH"]);
    return {
      as_of: new Date().toISOString(),
      version: FLEETTY_VERSION,
      os: platform(),
      arch: arch(),
      cpus: availableParallelism(),
      memory_bytes: memoryBytes(),
      disk_free_bytes: bavail * bsize,
      load1: loadavg()[0] as number,
      max_sessions: maxSessions,
      slots,
      shells: shells.map(({ name }) => name),
      tools: await this.#tools(asked, environment, options.versionWithinMs),
    } satisfies OperationOutput<"worker.capabilities">;
  }

  async #tools(
    { tools = [], versions = false, refresh = false }: Asked,
    environment: Readonly<Record<string, string>>,
    withinMs: number | undefined,
  ) {
    const found = await pathsOf([...new Set([...TOOLS, ...tools])].sort(), environment["PATH"]);
    const known = versions ? found.filter(({ name, path }) => TOOLS.includes(name) && isAbsolute(path)) : [];
    const parts = { environment, ...(withinMs !== undefined && { withinMs }) };
    const told = await this.#versions.of(
      known.map(({ path }) => path),
      parts,
      refresh,
    );
    const byName = new Map(known.map(({ name }, at) => [name, told[at] ?? null]));
    return found.map(({ name }) => ({ name, version: byName.get(name) ?? null }));
  }
}

/** What the machine has, or what its control group lets us have of it. */
function memoryBytes(): number {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
}

/** Those of these programs that there are, as execvp(3) would find them. */
async function pathsOf(names: readonly string[], search = ""): Promise<{ name: string; path: string }[]> {
  const looked = await Promise.all(names.map(async (name) => ({ name, path: await pathOf(name, search) })));
  return looked.flatMap(({ name, path }) => (path === null ? [] : [{ name, path }]));
}

async function pathOf(name: string, search: string): Promise<string | null> {
  for (const folder of search.split(":")) {
    const path = join(folder === "" ? "." : folder, name);
    if (await isProgram(path)) return path;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
