// A session host as a later version may be: lives, says so in host.json, listens on its socket, and speaks protocol 99
// alone. First argument: the folder of the host whose place it takes. Second: "hello", when it names its versions, or
// "close", when it ends the link over those that it is offered. Prints each frame that it hears.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { LINK_PROTOCOL } from "@fleetty/protocol/link";
import { processIdentity } from "@fleetty/worker/pty/processes";
import { WebSocketServer } from "ws";

const [dir = "", manner] = process.argv.slice(2);
const file = join(dir, "host.json");
const socket = join(dir, "next.sock");

const server = createServer().listen(socket, () => {
  const { pid, startTime, bootId } = processIdentity(process.pid);
  const now = { pid, start_time: startTime, boot_id: bootId, version: "9.0.0", protocol: 99, socket };
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...now }));
  console.log("ready");
});
new WebSocketServer({ server, handleProtocols: () => LINK_PROTOCOL }).on("connection", (link) => {
  link.on("message", (data) => {
    console.log(String(data));
    if (manner === "close") return link.close(4011, "version");
    link.send(JSON.stringify(hello));
  });
});

const hello = {
  type: "hello",
  server: "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
  start_id: "start",
  nonce: "n".repeat(43),
  version: "9.0.0",
  protocol: { min: 99, max: 99 },
  features: [],
  journal: { id: "jrn_1", first: 1, last: 0 },
  proof: "none that could be checked",
};
