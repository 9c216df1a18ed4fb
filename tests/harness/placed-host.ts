// Starts a session host beside a server, which adopts it as it adopts every host that lives, so that a test decides which
// program that is.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeHostKey } from "@fleetty/worker/link/host-listen";
import { hostPaths } from "@fleetty/worker/session-host/paths";
import type { TestServer } from "./server.ts";
import { waitUntil } from "./wait-until.ts";

const HOST_ID = "inspectd";
const RING_BYTES = 1024 * 1024;

export interface PlacedHost {
  /** What Node is told before the arguments of a host: its own options, the program, and what that takes first. */
  readonly node: readonly string[];
  readonly ringBytes?: number;
  /** Called with the process once it runs. */
  readonly onStart?: (child: ChildProcess) => unknown;
}

/** Every session that `server` makes from now on lives in it. The server must have none yet, and is restarted. */
export async function placeHost(
  server: TestServer,
  { node, ringBytes = RING_BYTES, onStart }: PlacedHost,
): Promise<void> {
  const runtimeDir = dirname(server.socketPath);
  const paths = hostPaths(server.stateDir, HOST_ID, runtimeDir);
  mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
  writeFileSync(paths.key, makeHostKey(), { mode: 0o600 });
  await server.stop();
  const serverId = readFileSync(join(server.stateDir, "id"), "utf8").trim();
  const args = ["--state", server.stateDir, "--runtime", runtimeDir, "--host", HOST_ID, "--server", serverId];
  args.push("--ring-bytes", String(ringBytes), "--umask", "22");
  const child = spawn(process.execPath, [...node, ...args], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...server.home.env },
  });
  await Promise.all([onStart?.(child), waitUntil("the host is ready", () => existsSync(paths.hostJson))]);
  await server.start();
}
