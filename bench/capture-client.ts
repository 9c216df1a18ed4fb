// A client of tmux in control mode that captures lines of a pane, one capture after the other. Looks at no line; counts them.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { within } from "./measure.ts";
import type { Tmux } from "./tmux.ts";

const ANSWER_WITHIN_MS = 30_000;
const NEWLINE = 0x0a;

export interface Capture {
  readonly pane: string;
  /** First line: 0 is the top of the view, the lines above it are negative (tmux, capture-pane -S). */
  readonly from: number;
  readonly lines: number;
  readonly isStyled: boolean;
}

export class CaptureClient implements Disposable {
  readonly #client: ChildProcessByStdio<Writable, Readable, null>;
  #answer = Promise.withResolvers<number>();
  #lines = 0;
  #tail = "";

  private constructor(tmux: Tmux, session: string) {
    const [program, ...args] = tmux.command;
    const command = [...args, "-C", "attach", "-t", session];
    this.#client = spawn(program, command, { stdio: ["pipe", "pipe", "inherit"], env: tmux.env });
    this.#client.stdout.on("data", (piece: Buffer) => this.#take(piece));
    this.#client.on("exit", () => this.#answer.reject(new Error("the client of tmux ended")));
    this.#client.stdin.on("error", () => {});
    this.#answer.promise.catch(() => {});
  }

  /** Resolves when the client is attached. It must be to a session that prints nothing. */
  static async open(tmux: Tmux, session: string): Promise<CaptureClient> {
    const client = new CaptureClient(tmux, session);
    await within(ANSWER_WITHIN_MS, "tmux is attached", client.#answer.promise);
    return client;
  }

  /** Resolves when all lines have come; rejects when there are fewer. */
  async capture({ pane, from, lines, isStyled }: Capture): Promise<void> {
    this.#answer = Promise.withResolvers<number>();
    this.#answer.promise.catch(() => {});
    if (this.#client.exitCode !== null || this.#client.signalCode !== null) throw new Error("the client of tmux ended");
    const styled = isStyled ? "-e " : "";
    this.#client.stdin.write(`capture-pane ${styled}-p -t ${pane} -S ${from} -E ${from + lines - 1}\n`);
    const came = await within(ANSWER_WITHIN_MS, "tmux has captured", this.#answer.promise);
    if (came < lines) throw new Error(`tmux captured ${came} lines of ${lines}`);
  }

  [Symbol.dispose](): void {
    this.#client.kill();
  }

  /** An answer is its lines between `%begin` and `%end`. */
  #take(piece: Buffer): void {
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) this.#lines += 1;
    this.#tail = (this.#tail + piece.toString("latin1", Math.max(0, piece.byteLength - 200))).slice(-200);
    if (!/\n%(end|error) [^\n]*\n(%[^\n]*\n)*$/.test(`\n${this.#tail}`)) return;
    this.#tail = "";
    const lines = this.#lines - 2;
    this.#lines = 0;
    this.#answer.resolve(lines);
  }
}
