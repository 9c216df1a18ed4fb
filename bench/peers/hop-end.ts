// The far end of a bare hop: takes lines of JSON on the unix socket of the first argument and answers each. With `write` as
// the second it first writes the bytes to a terminal of its own, with a program that swallows them.
import { writeSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { spawn } from "@lydell/node-pty";
import { ready } from "../parent.ts";
import { SWALLOW } from "../programs.ts";

const [socketPath, mode] = process.argv.slice(2) as [string, "answer" | "write"];
const fd = mode === "write" ? (spawn(...SWALLOW, {}) as unknown as { readonly fd: number }).fd : null;

createServer((socket) => {
  createInterface({ input: socket }).on("line", (line) => {
    const { id, data } = JSON.parse(line) as { id: number; data: string };
    const bytes = Buffer.from(data, "base64");
    const answer = () => socket.write(`${JSON.stringify({ id, generation: id, offset: 0 })}\n`);
    if (fd === null) answer();
    else write(fd, { bytes, answer });
  });
}).listen(socketPath, () => ready());

interface Write {
  readonly bytes: Uint8Array;
  readonly answer: () => void;
}

/** What the terminal has not taken, in order. */
const waiting: Write[] = [];

function write(fd: number, one: Write): void {
  waiting.push(one);
  if (waiting.length === 1) writeOn(fd);
}

/** A terminal takes about 4 KiB before its program reads: the rest is tried again in the coming turn. */
function writeOn(fd: number): void {
  for (let first = waiting[0]; first; first = waiting[0]) {
    const taken = writeSome(fd, first.bytes);
    if (taken < first.bytes.byteLength) {
      waiting[0] = { ...first, bytes: first.bytes.subarray(taken) };
      setImmediate(() => writeOn(fd));
      return;
    }
    waiting.shift();
    first.answer();
  }
}

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw thrown;
  }
}
