// A bare relay that many watch: one terminal with the program of the second argument and those after it, whose output goes as
// it comes to every WebSocket on the unix socket of the first. The end of the program closes them.
import { createServer } from "node:http";
import { spawn } from "@lydell/node-pty";
import { WebSocketServer } from "ws";
import { ready } from "../parent.ts";

const [socketPath, file, ...args] = process.argv.slice(2) as [string, string, ...string[]];
const server = createServer();
const sockets = new WebSocketServer({ server });
const pty = spawn(file, args, { encoding: null });

pty.onData((bytes) => {
  for (const socket of sockets.clients) socket.send(bytes);
});
pty.onExit(() => {
  for (const socket of sockets.clients) socket.close();
});
sockets.on("connection", (socket) => socket.on("message", (bytes: Buffer) => pty.write(bytes.toString())));

server.listen(socketPath, () => ready());
