// Puts input into a terminal in order, and knows for each piece how many bytes the kernel took. Knows no session and no
// program. Writes are made directly, not through a stream: a stream cannot take back what it has queued, so after a
// timeout it could not say how much was written.
import { writeSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";

/** How long a terminal may take for the bytes of one write (public contract). */
const WRITE_LIMIT_MS = 5_000;
/** Pauses between tries while the kernel's buffer is full: the first is a keystroke's patience, the last saves work. */
const RETRY_MS = { first: 1, last: 16 };
/** Bytes that may wait for a terminal that takes none; 8 of the largest requests. */
const QUEUE_MAX_BYTES = 8 * 1024 * 1024;
/** Writes that may wait: each costs hundreds of bytes by itself, and keys come one by one. */
const QUEUE_MAX_WRITES = 8192;

interface PendingWrite {
  readonly bytes: Uint8Array;
  written: number;
  readonly deadlineMs: number;
  readonly resolve: () => void;
  readonly reject: (error: FleettyError) => void;
}

export class TerminalWriter {
  readonly #fd: number;
  readonly #nowMs: () => number;
  readonly #pending: PendingWrite[] = [];
  #queuedBytes = 0;
  #retryMs = RETRY_MS.first;
  #timer: NodeJS.Timeout | null = null;
  #hasEnded = false;

  /** `fd` is non-blocking; its owner calls `end` before closing it. `nowMs` is monotonic. */
  constructor(fd: number, nowMs: () => number = () => performance.now()) {
    this.#fd = fd;
    this.#nowMs = nowMs;
  }

  /**
   * Resolves when the kernel took all of `bytes`. Rejects with `input_send_failed {written}` when the terminal has ended
   * or, `reason: "late"`, 5 s have passed; `written` bytes are in it then, and no more will follow. `channel_full`: too much waits already.
   */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#hasEnded) return Promise.reject(ended(0));
    if (!this.#hasRoom(bytes.byteLength)) return Promise.reject(full());
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#nowMs() + WRITE_LIMIT_MS;
      this.#pending.push({ bytes, written: 0, deadlineMs, resolve, reject });
      this.#queuedBytes += bytes.byteLength;
      if (this.#pending.length === 1) this.#pump();
    });
  }

  /**
   * As `write`, of what may be written in this very step alone: what the kernel does not take now never follows. Rejects with
   * `input_send_failed`, `{written: 0}` when nothing was taken; how much of it was, it does not tell: it may be a secret.
   */
  writeNow(bytes: Uint8Array): Promise<void> {
    const isFree = !this.#hasEnded && this.#pending.length === 0;
    const written = isFree ? this.#tryWrite(bytes, 0) : 0;
    return written === bytes.byteLength ? Promise.resolve() : Promise.reject(notNow(written));
  }

  /** The terminal is gone: whatever waits is rejected with what was written of it. Nothing touches the fd afterwards. */
  end(): void {
    this.#hasEnded = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const pending of this.#pending.splice(0)) pending.reject(ended(pending.written));
  }

  #hasRoom(bytes: number): boolean {
    return this.#queuedBytes + bytes <= QUEUE_MAX_BYTES && this.#pending.length < QUEUE_MAX_WRITES;
  }

  #pump(): void {
    this.#timer = null;
    this.#dropLate();
    for (let head = this.#pending[0]; head; head = this.#pending[0]) {
      if (!this.#push(head)) return this.#retryLater();
      this.#forgetHead(head);
      head.resolve();
    }
  }

  /** Whether all of it is in the terminal now. */
  #push(pending: PendingWrite): boolean {
    while (pending.written < pending.bytes.byteLength) {
      const written = this.#tryWrite(pending.bytes, pending.written);
      if (written === 0) return false;
      pending.written += written;
      this.#retryMs = RETRY_MS.first;
    }
    return true;
  }

  #tryWrite(bytes: Uint8Array, from: number): number {
    try {
      return writeSync(this.#fd, bytes, from);
    } catch {
      // EAGAIN: full. EIO: nobody has the other side open, for now: a login program opens it again. Time decides both.
      return 0;
    }
  }

  #retryLater(): void {
    this.#timer = setTimeout(() => this.#pump(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.last);
  }

  /** Whoever came first is late first. */
  #dropLate(): void {
    const nowMs = this.#nowMs();
    for (let head = this.#pending[0]; head && head.deadlineMs <= nowMs; head = this.#pending[0]) {
      this.#forgetHead(head);
      head.reject(late(head.written));
    }
  }

  #forgetHead(head: PendingWrite): void {
    this.#pending.shift();
    this.#queuedBytes -= head.bytes.byteLength;
  }
}

function ended(written: number): FleettyError {
  return new FleettyError("input_send_failed", `the terminal ended after taking ${written} bytes`, { written });
}

function late(written: number): FleettyError {
  const message = `the terminal took only ${written} bytes within ${WRITE_LIMIT_MS / 1000} s: its program does not read`;
  return new FleettyError("input_send_failed", message, { written, reason: "late" });
}

function notNow(written: number): FleettyError {
  if (written > 0) return new FleettyError("input_send_failed", "the terminal took a part of it, and will get no more");
  const message = "the terminal takes nothing just now: other input waits for its program; try again";
  return new FleettyError("input_send_failed", message, { written });
}

function full(): FleettyError {
  return new FleettyError("channel_full", "too much input waits for this terminal; wait until its program reads");
}
