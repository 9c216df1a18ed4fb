// Runs the real binary as a server for a test, with the verbs start, stop, kill, freeze and thaw; and proves at the end that
// nothing is left: no process, no socket, no folder.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ConnectOptions, connect } from "@fleetty/client";
import { writeConfig } from "./config.ts";
import { type Home, makeHome } from "./folders.ts";
import { type Answer, type Ask, ask } from "./http.ts";
import { isAlive, type Known, kill } from "./processes.ts";
import { commandAt, type Place, TestProcess } from "./test-process.ts";
import { waitUntil } from "./wait-until.ts";

/** The command as a user has it. */
export const LAUNCHER = resolve(import.meta.dirname, "../../packages/cli/bin/fleetty");

export interface ServerOptions {
  readonly instance?: string;
  /** Also on TCP, on a port of its own. */
  readonly tcp?: boolean;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its config.toml. */
  readonly config?: string;
  /** Where it lives; its own when it is not given. */
  readonly home?: Home;
  /** Machine that it runs on; this one when it is not given. */
  readonly place?: Place;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves when the server answers. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = new TestServer(options);
  try {
    await server.start();
    return server;
  } catch (thrown) {
    server.abandon();
    throw thrown;
  }
}

export class TestServer extends TestProcess {
  readonly home: Home;
  readonly instance: string;
  /** The program that runs when it is started next: this one, or another release. */
  launcher = LAUNCHER;
  readonly #options: ServerOptions;

  constructor(options: ServerOptions) {
    super("the server");
    this.#options = options;
    this.home = options.home ?? makeHome();
    this.instance = options.instance ?? "default";
    if (options.config !== undefined) writeConfig(this.home, options.config);
  }

  get socketPath(): string {
    return this.home.socket(this.instance);
  }

  /** Where programs look for it that were written for the wsh API. */
  get compatSocketPath(): string {
    return join(this.home.root, "run/wsh", `${this.instance}.http.sock`);
  }

  get stateDir(): string {
    return this.home.stateDir(this.instance);
  }

  get token(): string {
    return readFileSync(join(this.stateDir, "token"), "utf8").trim();
  }

  /** `more`: arguments of this start alone, after the others. */
  async start(more: readonly string[] = []): Promise<void> {
    const { tcp, args: own = [], env = {}, place } = this.#options;
    const bind = tcp ? ["--bind", "127.0.0.1:0"] : [];
    const argv = [this.launcher, "-L", this.instance, "server", ...bind, ...own, ...more];
    const { program, args } = commandAt(place, argv);
    const child = spawn(program, args, {
      env: { ...this.home.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.began(child);
    const isDecided = async () => (await this.answers()) || child.exitCode !== null;
    await waitUntil("the server answers", isDecided, { seen: () => this.log });
    assert.equal(child.exitCode, null, `the server ended at once: ${this.log}`);
    this.becomesKnown(child);
  }

  /** It never answered: what there is of it goes. */
  abandon(): void {
    this.drop();
    if (!this.#options.home) this.home.remove();
  }

  async answers(): Promise<boolean> {
    // Looked for first: it is asked for often while a server starts, and a file costs less than a connection.
    if (!existsSync(this.socketPath)) return false;
    return ask({ socketPath: this.socketPath }, { path: "/health" }).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  ask(asked: Ask): Promise<Answer> {
    return ask({ socketPath: this.socketPath }, asked);
  }

  /** Asks over TCP, with the root token unless `token` says otherwise. */
  async askTcp(asked: Ask, token: string | undefined = this.token): Promise<Answer> {
    return ask({ ...(await this.tcp()), ...(token !== "" && { token }) }, asked);
  }

  /** Where it listens on TCP. */
  async tcp(): Promise<{ host: string; port: number }> {
    const { json } = await this.ask({ path: "/server/info" });
    const [host = "", port] = String(json.tcp_addr).split(":");
    return { host, port: Number(port) };
  }

  client(options: Partial<ConnectOptions> = {}) {
    const where = "url" in options ? {} : { socket: this.socketPath };
    return connect({ ...where, ...options } as ConnectOptions);
  }

  /** Runs the real command line against this server. */
  fleetty(args: readonly string[], options: { stdin?: string | Uint8Array } = {}): Promise<CommandResult> {
    return runFleetty(["-L", this.instance, ...args], { home: this.home, ...options });
  }

  /** Ends every session, host and the server, by their ids, and proves that nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const hosts = this.hosts();
    // Sessions that have outlived it are ended by the next one, as they would be for a person.
    if (!this.isRunning && hosts.length > 0) await this.start();
    this.thaw();
    try {
      if (this.isRunning) await this.#shutDown(hosts);
    } finally {
      for (const host of hosts) kill(host, "SIGKILL");
      this.signal("SIGKILL");
      if (!this.#options.home) this.home.remove();
    }
  }

  async #shutDown(hosts: readonly Known[]): Promise<void> {
    await this.ask({ path: "/server/shutdown", body: { end_sessions: true } });
    await this.ended();
    await waitUntil("the session hosts have gone", () => !hosts.some(isAlive), { seen: () => hosts });
    for (const path of [this.socketPath, this.compatSocketPath])
      assert.equal(existsSync(path), false, `the server left ${path}`);
  }
}

/** A start that has not been refused by then will not be. */
const REFUSED_WITHIN_MS = 20_000;

/** Asks for a server that is not to start; what it said when it did not. */
export async function refusedStart(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const home = makeHome();
  try {
    const options = { home: { ...home, env: { ...home.env, ...env } }, timeoutMs: REFUSED_WITHIN_MS };
    const result = await runFleetty(["server", ...args], options);
    assert.ok(result.code > 0, `a server started with ${args.join(" ")}`);
    return result;
  } finally {
    home.remove();
  }
}

export interface RunOptions {
  readonly home: Home;
  readonly stdin?: string | Uint8Array;
  /** It is killed after so long; its exit code is then -1. */
  readonly timeoutMs?: number;
}

/** A command that has not ended by then hangs. */
const COMMAND_MAX_MS = 120_000;

/** Runs the launcher as a user would; resolves whatever its exit code. */
export function runFleetty(
  args: readonly string[],
  { home, stdin, timeoutMs = COMMAND_MAX_MS }: RunOptions,
): Promise<CommandResult> {
  return new Promise((resolveRun) => {
    const child = execFile(
      LAUNCHER,
      args,
      { env: { ...home.env }, maxBuffer: 64 * 1024 * 1024, timeout: timeoutMs, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : -1) : 0;
        resolveRun({ code, stdout, stderr });
      },
    );
    child.stdin?.end(stdin ?? "");
  });
}
