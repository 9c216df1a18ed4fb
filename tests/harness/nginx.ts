// Runs nginx in the foreground for a test, with a configuration for its `http` block and everything else in a folder of its
// own; ends it by its own id.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { waitUntil } from "./wait-until.ts";

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

export class Nginx {
  readonly #child: ChildProcess;
  readonly #folder: string;
  #said = "";

  private constructor(program: string, folder: string) {
    this.#folder = folder;
    this.#child = spawn(program, ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr?.on("data", (piece: Buffer) => {
      this.#said += piece.toString();
    });
  }

  /** Resolves when it listens on `port`. */
  static async start(program: string, { folder, http, port }: { folder: string; http: string; port: number }) {
    for (const name of TEMPORARY) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "nginx.conf"), configuration(folder, http));
    const nginx = new Nginx(program, folder);
    await waitUntil("nginx listens", () => nginx.#hasEnded() || listens(port), { seen: () => nginx.#said });
    if (nginx.#hasEnded()) throw new Error(`nginx did not start: ${nginx.#said}`);
    return nginx;
  }

  /** What it has logged of requests. */
  get accessLog(): string {
    return readFileSync(join(this.#folder, "access.log"), "utf8");
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await waitUntil("nginx has ended", () => this.#hasEnded(), { seen: () => this.#said });
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

function configuration(folder: string, http: string): string {
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`).join("\n");
  const log = `access_log ${join(folder, "access.log")};`;
  return `${user}daemon off;\npid ${join(folder, "pid")};\nevents {}\nhttp {\n${paths}\n${log}\n${http}\n}\n`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}
