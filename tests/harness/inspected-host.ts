// A session host that can be looked into: the same program under Node's inspector, started beside a server, which adopts it
// as it adopts every host that lives. For what no answer tells, such as whether something was left behind in it.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { makeHostKey } from "@fleetty/worker/link/host-listen";
import { hostPaths } from "@fleetty/worker/session-host/paths";
import { Inspector } from "./inspector.ts";
import type { TestServer } from "./server.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = resolve(import.meta.dirname, "../../packages/worker/src/session-host/main.ts");
const HOST_ID = "inspectd";

export class InspectedHost {
  readonly #inspector: Inspector;

  private constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  /** Every session that `server` makes from now on lives in it. The server must have none yet, and is restarted. */
  static async start(server: TestServer, options: { readonly ringBytes: number }): Promise<InspectedHost> {
    const runtimeDir = dirname(server.socketPath);
    const paths = hostPaths(server.stateDir, HOST_ID, runtimeDir);
    mkdirSync(paths.dir, { recursive: true, mode: 0o700 });
    writeFileSync(paths.key, makeHostKey(), { mode: 0o600 });
    await server.stop();
    const serverId = readFileSync(join(server.stateDir, "id"), "utf8").trim();
    const args = ["--state", server.stateDir, "--runtime", runtimeDir, "--host", HOST_ID, "--server", serverId];
    args.push("--ring-bytes", String(options.ringBytes), "--umask", "22");
    const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", MAIN, ...args], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...server.home.env },
    });
    let said = "";
    child.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
    const [inspector] = await Promise.all([
      Inspector.of(() => said),
      waitUntil("the host is ready", () => existsSync(paths.hostJson)),
    ]);
    await server.start();
    return new InspectedHost(inspector);
  }

  /** Timers that it has running: each wait has one, whatever it waits for. */
  timers(): Promise<number> {
    return this.#inspector.timers();
  }

  /** Bytes that it holds, garbage not counted. */
  heldBytes(): Promise<number> {
    return this.#inspector.heldBytes();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    this.#inspector.close();
  }
}
