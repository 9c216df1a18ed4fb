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
    if (fd !== null) writeSync(fd, bytes);
    socket.write(`${JSON.stringify({ id, generation: id, offset: 0 })}\n`);
  });
}).listen(socketPath, () => ready());
