// Starts a session host: its folder and key, then the detached process, until it says that it is ready. Decides what
// such a process inherits; knows nothing of the sessions that it will hold.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FleettyError } from "@fleetty/protocol/errors";
import { makeHostKey } from "../link/host-listen.ts";
import type { HostRecord } from "../session-host/host-record.ts";
import { type HostPaths, hostPaths } from "../session-host/paths.ts";

/** A machine under load starts a Node process in seconds; beyond this something is wrong. */
const READY_MS = 20_000;

export interface HostStartOptions {
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly serverId: string;
  readonly ringBytes: number;
  /** What the process needs of ours: PATH and where compiled code is cached. Sessions get their own. */
  readonly env: Readonly<Record<string, string>>;
  /** The umask that programs in sessions are to have: that of the user, not the one that the server's own files want. */
  readonly umask: number;
}

/** Resolves when the host listens. Rejects with `session_create_failed`, with the host's last words. */
export async function startHost(options: HostStartOptions): Promise<HostRecord> {
  const hostId = makeHostId();
  const paths = hostPaths(options.stateDir, hostId, options.runtimeDir);
  let child: ChildProcess | undefined;
  try {
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
    writeFileSync(paths.key, makeHostKey(), { mode: 0o600 });
    child = launch(hostId, paths, options);
    return await ready(paths, endOf(child));
  } catch (thrown) {
    child?.kill("SIGKILL");
    rmSync(paths.dir, { recursive: true, force: true });
    throw thrown instanceof FleettyError ? thrown : notWritten(thrown as NodeJS.ErrnoException);
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
}

function launch(hostId: string, paths: HostPaths, options: HostStartOptions) {
  const main = fileURLToPath(new URL("../session-host/main.ts", import.meta.url));
  const args = ["--state", options.stateDir, "--runtime", options.runtimeDir, "--host", hostId];
  args.push(
    "--server",
    options.serverId,
    "--ring-bytes",
    String(options.ringBytes),
    "--umask",
    options.umask.toString(8),
  );
  const words = openSync(`${paths.log}.start`, "a", 0o600);
  try {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], {
      detached: true,
      stdio: ["ignore", "ignore", words],
      cwd: "/",
      env: { ...options.env },
    });
    child.unref();
    return child;
  } finally {
    closeSync(words);
  }
}

/** Waits for host.json, which is renamed into place once the socket listens. */
async function ready(paths: HostPaths, ended: Promise<string>): Promise<HostRecord> {
  const watcher = watch(paths.dir);
  const appeared = new Promise<null>((resolve) => {
    const look = () => existsSync(paths.hostJson) && resolve(null);
    watcher.on("change", look);
    look();
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("it did not become ready in time"), READY_MS);
  });
  const problem = await Promise.race([appeared, ended, late]);
  clearTimeout(timer);
  watcher.close();
  if (problem === null) return JSON.parse(readFileSync(paths.hostJson, "utf8")) as HostRecord;
  throw notStarted(problem, paths);
}

function notWritten(cause: NodeJS.ErrnoException): FleettyError {
  const reason = cause.code ?? "unknown";
  const message = `no session host could be started: its folder cannot be written (${reason}); free space in the state folder, then try again`;
  return new FleettyError("session_create_failed", message, { step: "session_host", reason }, { cause });
}

function notStarted(problem: string, paths: HostPaths): FleettyError {
  const words = readFileSync(`${paths.log}.start`, "utf8").slice(-2_000);
  return new FleettyError("session_create_failed", `the session host could not be started: ${problem}`, {
    step: "session_host",
    reason: words || problem,
  });
}

/** 8 characters of base32. */
function makeHostId(): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(randomBytes(8), (byte) => alphabet[byte % 32]).join("");
}
