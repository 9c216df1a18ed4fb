// A bare Node reverse proxy on the unix socket of the first argument: hands each request to the HTTP server on the unix socket of
// the second, over kept connections, and its answer back.
import { Agent, request as ask, createServer } from "node:http";
import { ready } from "../parent.ts";

const [socketPath, target] = process.argv.slice(2) as [string, string];
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

createServer((request, response) => {
  const { method, url, headers } = request;
  const asked = ask({ socketPath: target, agent, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(asked);
}).listen(socketPath, () => ready());
