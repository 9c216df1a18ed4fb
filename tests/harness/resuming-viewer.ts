// A raw viewer that comes back: whenever its connection is gone it opens another one from the byte after its last, and
// sends again what it typed and nobody acknowledged. Does by hand what the protocol's page tells a stranger to do.
import { RawViewer } from "./viewer.ts";

/** Pause before the next attempt; a server that starts is back in a moment. One that is away is asked ever more seldom. */
const AGAIN_MS = 20;
const AGAIN_MAX_MS = 320;

export class ResumingViewer {
  readonly #socketPath: string;
  readonly #session: string;
  readonly #client: string;
  readonly #done: Promise<void>;
  readonly #earlier: Buffer[] = [];
  readonly #typed = new Map<number, string>();
  #viewer: RawViewer | null = null;
  /** Where the connection of the moment began. */
  #from = 0;
  #lastNumber = 0;
  #isClosed = false;
  connections = 0;
  /** Attempts in vain since there was a connection. */
  #failures = 0;
  /** Bytes that it was told it would not get. */
  readonly gaps: unknown[] = [];

  constructor(socketPath: string, session: string, client: string) {
    this.#socketPath = socketPath;
    this.#session = session;
    this.#client = client;
    this.#done = this.#run();
  }

  /** Everything that came, from offset 0. */
  get bytes(): Buffer {
    return Buffer.concat([...this.#earlier, this.#viewer?.bytes ?? Buffer.of()]);
  }

  /** Offset after the last byte that came. */
  get end(): number {
    return this.#viewer === null || this.#viewer.first === null ? this.#from : this.#viewer.end;
  }

  /** Inputs that are not acknowledged. */
  get pendingCount(): number {
    const written = this.#viewer?.written() ?? 0;
    for (const number of this.#typed.keys()) if (number <= written) this.#typed.delete(number);
    return this.#typed.size;
  }

  type(text: string): void {
    this.#lastNumber += 1;
    this.#typed.set(this.#lastNumber, text);
    const viewer = this.#viewer;
    if (viewer && viewer.socket.readyState === viewer.socket.OPEN) viewer.type(this.#lastNumber, text);
  }

  /** Resolves when its last connection is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#viewer?.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      await this.#watch();
      const pauseMs = Math.min(AGAIN_MS * 2 ** this.#failures, AGAIN_MAX_MS);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #watch(): Promise<void> {
    const viewer = new RawViewer(this.#socketPath, this.#session, { from: this.#from, client: this.#client });
    this.#viewer = viewer;
    this.#failures += 1;
    viewer.socket.once("open", () => {
      this.connections += 1;
      this.#failures = 0;
      for (const [number, text] of this.#typed) viewer.type(number, text);
    });
    await new Promise((resolve) => viewer.socket.once("close", resolve));
    this.#keep(viewer);
  }

  #keep(viewer: RawViewer): void {
    if (viewer.first !== null && viewer.first !== this.#from) {
      throw new Error(`asked from ${this.#from}, was sent from ${viewer.first}`);
    }
    this.gaps.push(...viewer.gaps);
    const { pendingCount: _, end } = this;
    this.#earlier.push(viewer.bytes);
    this.#from = end;
    this.#viewer = null;
  }
}
