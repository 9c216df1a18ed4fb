// Reads one terminal from its first byte to its last, and tells the program's end exactly once, after that byte. Knows
// file descriptors and the moment of death, not what the bytes mean.
//
//   reading ──leader reaped──► draining ──read to the end, or 200 ms──► ended
//
// While the held slave is open the kernel never hangs the master up, so no byte can be lost before the exit sequence:
// stop the stream, close the held slave, read to EIO ourselves. Node's own end-of-stream is not relied upon.
import { closeSync, readSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { ReadStream } from "node:tty";
import { setTerminalSize } from "./native-binding.ts";
import { TerminalWriter } from "./terminal-writer.ts";

/** How a program ended: the code it gave, or the name of the signal that ended it (`SIGKILL`). */
export type PtyExit = { readonly code: number } | { readonly signal: string };

/** As waitpid(2) tells it: `signal` is 0 for a program that exited by itself. */
export function ptyExit(code: number, signal: number): PtyExit {
  if (signal === 0) return { code };
  const entry = Object.entries(osConstants.signals).find(([, value]) => value === signal);
  return { signal: entry?.[0] ?? `SIG${signal}` };
}

/** How long children that outlive the leader may keep printing into its session (public contract). */
const DRAIN_LIMIT_MS = 200;
/** Between looks for output of such children. */
const DRAIN_POLL_MS = 5;
/** A drained terminal gives other sessions their turn after this much. */
const DRAIN_TURN_BYTES = 64 * 1024;
/** More than the kernel holds for one terminal (8 KiB in flight, 4 KiB read ahead): beyond, it is children's output. */
const KERNEL_HOLDS_MAX_BYTES = 256 * 1024;

/** One buffer for all terminals: reads and their callbacks happen one after the other. The kernel gives ≈ 4 KiB each. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

export interface TerminalParts {
  readonly masterFd: number;
  readonly heldSlaveFd: number;
  onData(bytes: Buffer): void;
  onExit(exit: PtyExit): void;
}

export class Terminal {
  readonly #parts: TerminalParts;
  readonly #stream: ReadStream;
  readonly #writer: TerminalWriter;
  #phase: "unread" | "reading" | "draining" | "ended" = "unread";
  #isPaused = false;
  #heldSlaveFd: number | null;
  #exit: PtyExit | null = null;
  #drainDeadlineMs = 0;
  #drainedBytes = 0;

  constructor(parts: TerminalParts) {
    this.#parts = parts;
    this.#heldSlaveFd = parts.heldSlaveFd;
    this.#writer = new TerminalWriter(parts.masterFd);
    this.#stream = new ReadStream(parts.masterFd, {
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#deliver(length);
          return true;
        },
      },
    });
    // A terminal that fails under a living program stays silent until that program ends; destroying has closed its fd.
    this.#stream.on("error", () => this.#writer.end());
    this.#stream.on("close", () => this.#writer.end());
  }

  /** The slave side, held open for asking the kernel about it; null once the program is gone. */
  get heldSlaveFd(): number | null {
    return this.#heldSlaveFd;
  }

  /** Begins to call back. Before this nothing is read and no exit is told. */
  start(): void {
    if (this.#phase !== "unread") return;
    this.#phase = "reading";
    if (this.#exit) this.#beginDraining();
    else if (!this.#isPaused) this.#stream.resume();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  writeNow(bytes: Uint8Array): Promise<void> {
    return this.#writer.writeNow(bytes);
  }

  resize(size: { cols: number; rows: number }): void {
    if (this.#heldSlaveFd !== null && !this.#stream.destroyed) setTerminalSize(this.#parts.masterFd, size);
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#phase === "reading") this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#phase === "reading") this.#stream.resume();
  }

  /** The leader has been reaped: from now on nothing holds reading back. */
  leaderGone(exit: PtyExit): void {
    this.#exit = exit;
    if (this.#phase === "reading") this.#beginDraining();
  }

  /** Gives the terminal up without a word; a program in it gets SIGHUP. */
  discard(): void {
    this.#phase = "ended";
    this.#close();
  }

  #beginDraining(): void {
    this.#phase = "draining";
    this.#stream.pause();
    this.#closeHeldSlave();
    this.#drainDeadlineMs = performance.now() + DRAIN_LIMIT_MS;
    this.#drain();
  }

  #drain(): void {
    for (let taken = 0; taken < DRAIN_TURN_BYTES; ) {
      const read = this.#readNow();
      if (read === "end" || this.#isPastDrain(read)) return this.#finish();
      if (read === "nothing") return void setTimeout(() => this.#drain(), DRAIN_POLL_MS);
      taken += read;
      this.#drainedBytes += read;
      this.#deliver(read);
    }
    setImmediate(() => this.#drain());
  }

  /** A slow consumer never costs the leader's own bytes: late counts only once those must all have been read. */
  #isPastDrain(read: number | "nothing"): boolean {
    if (performance.now() < this.#drainDeadlineMs) return false;
    return read === "nothing" || this.#drainedBytes > KERNEL_HOLDS_MAX_BYTES;
  }

  /** Linux flushes what is in flight before it answers EAGAIN (nothing now) or EIO (nobody left to write). */
  #readNow(): number | "nothing" | "end" {
    if (this.#stream.destroyed) return "end";
    try {
      return readSync(this.#parts.masterFd, shared, 0, shared.byteLength, null) || "end";
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code === "EAGAIN" ? "nothing" : "end";
    }
  }

  /** A defect in the consumer is thrown where the process reports it, and does not stop the terminal's own course. */
  #deliver(length: number): void {
    try {
      this.#parts.onData(shared.subarray(0, length));
    } catch (defect) {
      setImmediate(() => {
        throw defect;
      });
    }
  }

  #finish(): void {
    if (this.#phase === "ended" || !this.#exit) return;
    this.#phase = "ended";
    this.#close();
    this.#parts.onExit(this.#exit);
  }

  #close(): void {
    this.#writer.end();
    this.#closeHeldSlave();
    this.#stream.destroy();
  }

  #closeHeldSlave(): void {
    if (this.#heldSlaveFd !== null) closeSync(this.#heldSlaveFd);
    this.#heldSlaveFd = null;
  }
}
