// Holds where things lie in a state folder. No other file spells these names; ids are checked before they get here.
import { join } from "node:path";

/** Longest path of a unix socket that all platforms take, with room for the terminator (sun_path is 104 on macOS). */
const SOCKET_PATH_MAX = 100;

export interface HostPaths {
  readonly dir: string;
  readonly hostJson: string;
  readonly key: string;
  readonly socket: string;
  readonly log: string;
}

export function hostsDir(stateDir: string): string {
  return join(stateDir, "hosts");
}

/** A host's socket lies beside its files, or in the runtime folder where that path would be too long. */
export function hostPaths(stateDir: string, hostId: string, runtimeDir: string): HostPaths {
  const dir = join(hostsDir(stateDir), hostId);
  const beside = join(dir, "link.sock");
  const socket = Buffer.byteLength(beside) <= SOCKET_PATH_MAX ? beside : join(runtimeDir, `${hostId}.sock`);
  return { dir, hostJson: join(dir, "host.json"), key: join(dir, "key"), socket, log: join(dir, "host.log") };
}

export interface SessionPaths {
  readonly dir: string;
  readonly meta: string;
  readonly final: string;
  readonly exit: string;
  readonly scripts: string;
  readonly prompt: string;
}

export function sessionsDir(stateDir: string): string {
  return join(stateDir, "sessions");
}

export function sessionPaths(stateDir: string, sessionId: string): SessionPaths {
  const dir = join(sessionsDir(stateDir), sessionId);
  return {
    dir,
    meta: join(dir, "meta.json"),
    final: join(dir, "final"),
    exit: join(dir, "exit.json"),
    scripts: join(dir, "scripts"),
    prompt: join(dir, "prompt"),
  };
}
