// A bare Node HTTP server on the unix socket of the first argument that answers a body only when another process, on the unix
// socket of the second, has answered for it.
import { createServer, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { ready } from "../parent.ts";

const [socketPath, endPath] = process.argv.slice(2) as [string, string];
const end = connect(endPath);
const waiting = new Map<number, ServerResponse>();
let asked = 0;

createInterface({ input: end }).on("line", (line) => {
  const { id, ...position } = JSON.parse(line) as { id: number };
  const body = JSON.stringify(position);
  waiting.get(id)?.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  waiting.delete(id);
});

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    asked += 1;
    waiting.set(asked, response);
    end.write(`${JSON.stringify({ id: asked, data: Buffer.concat(pieces).toString("base64") })}\n`);
  });
}).listen(socketPath, () => ready());
