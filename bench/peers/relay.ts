// A bare relay: each WebSocket on the unix socket of the first argument is a terminal of its own, bytes for bytes.
import { createServer } from "node:http";
import { spawn } from "@lydell/node-pty";
import { WebSocketServer } from "ws";
import { ready } from "../parent.ts";
import { ECHO } from "../programs.ts";

const [socketPath] = process.argv.slice(2) as [string];
const server = createServer();

new WebSocketServer({ server }).on("connection", (socket) => {
  const pty = spawn(...ECHO, { encoding: null });
  pty.onData((bytes) => socket.send(bytes));
  socket.on("message", (bytes: Buffer) => pty.write(bytes.toString()));
  socket.on("close", () => pty.kill());
});

server.listen(socketPath, () => ready());
