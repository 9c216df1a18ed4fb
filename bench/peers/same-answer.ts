// A bare Node HTTP server that gives every request the same answer, as `path` of the first argument says; the second is the
// file of that answer.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { ready } from "../parent.ts";

const [socketPath, file] = process.argv.slice(2) as [string, string];
const { headers, body } = JSON.parse(readFileSync(file, "utf8")) as { headers: Record<string, string>; body: string };
const bytes = Buffer.from(body);

createServer((_request, response) => {
  response.writeHead(200, headers);
  response.end(bytes);
}).listen(socketPath, () => ready());
