// The JSON WebSockets: one session's, and that of the whole fleet. What can be asked on them is in the column `socket` of the
// other rows; the rows here are their upgrades.
import { operation } from "./operation.ts";
import { SESSION, UPGRADE } from "./refusals.ts";

const schemas = () => import("../schemas/sockets.ts");

export const socket = operation({
  name: "sessions.socket",
  summary: "Talk to one session over a WebSocket in JSON: its methods, and events as they happen.",
  http: "GET /sessions/{session}/ws/json",
  kind: "stream",
  status: 101,
  core: true,
  runs: "session",
  verb: "observe",
  audit: "none",
  errors: [...SESSION, "session_exited", ...UPGRADE],
  cli: {
    command: "socket",
    positional: ["session"],
    examples: [
      `echo '{"method":"get_screen"}' | fleetty socket build`,
      `echo '{"method":"subscribe","params":{"events":["lines"]}}' | fleetty socket build --follow`,
    ],
  },
  schemas: async () => (await schemas()).socket,
});

export const socketOfFleet = operation({
  name: "fleet.socket",
  summary: "Talk to the fleet over a WebSocket in JSON: methods of all sessions, and what happens to them.",
  http: "GET /ws/json",
  kind: "stream",
  status: 101,
  core: true,
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: ["invalid_cursor", ...UPGRADE],
  cli: {
    command: "socket",
    isForFleet: true,
    examples: [`echo '{"method":"list_sessions"}' | fleetty socket`, "fleetty socket --follow < /dev/null"],
  },
  schemas: async () => (await schemas()).fleetSocket,
});
