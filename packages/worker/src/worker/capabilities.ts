// Says what this machine has to offer its sessions, as it is at the moment: looked at, never assumed.
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { arch, availableParallelism, loadavg, platform, totalmem } from "node:os";
import { join } from "node:path";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { sessionEnvironment } from "../pty/environment.ts";
import { FLEETTY_VERSION } from "../version.ts";

export interface CapabilitiesOptions {
  /** Whose disk sessions are recorded on. */
  readonly stateDir: string;
  readonly maxSessions: number;
  readonly slots: number;
  /** The server's environment, from which an allow list passes to sessions. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What is looked for. */
const SHELLS = ["bash", "dash", "fish", "ksh", "mksh", "nu", "sh", "tcsh", "xonsh", "zsh"] as const;
/** What agents and builds are placed by; a caller may name others. */
const TOOLS = ["claude", "codex", "docker", "gemini", "git", "make", "node", "opencode", "podman", "python3"] as const;

/** Rejects when the disk of the state folder cannot be asked. */
export async function capabilities(
  { stateDir, maxSessions, slots, environment }: CapabilitiesOptions,
  { tools = [] }: OperationInput<"worker.capabilities">,
) {
  const { bavail, bsize } = await statfs(stateDir);
  const { PATH = "" } = sessionEnvironment({ inherited: environment, passNames: [], asked: {} });
  const found = (names: readonly string[]) => namesFound(names, PATH);
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
    shells: await found(SHELLS),
    tools: (await found([...new Set([...TOOLS, ...tools])].sort())).map((name) => ({ name, version: null })),
  } satisfies OperationOutput<"worker.capabilities">;
}

/** What the machine has, or what its control group lets us have of it. */
function memoryBytes(): number {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
}

async function namesFound(names: readonly string[], path: string): Promise<string[]> {
  const looked = await Promise.all(names.map(async (name) => ((await isFound(name, path)) ? [name] : [])));
  return looked.flat();
}

/** As execvp(3) would find it. */
async function isFound(name: string, path: string): Promise<boolean> {
  for (const folder of path.split(":")) if (await isProgram(join(folder === "" ? "." : folder, name))) return true;
  return false;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
