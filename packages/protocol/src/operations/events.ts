// The row of the table about what happens in the fleet.
import { operation } from "./operation.ts";

export const stream = operation({
  name: "events.stream",
  summary: "Follow what happens to sessions and servers of the whole fleet.",
  http: "GET /events",
  kind: "events",
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: ["not_acceptable", "invalid_cursor", "invalid_selector", "server_not_found", "resource_limit_reached"],
  blocks: true,
  cli: {
    command: "events",
    examples: [
      "fleetty events",
      "fleetty events --types session.exited,server. --json",
      "fleetty events --cursor oldest --tag ci",
    ],
  },
  socket: ["subscribe_events"],
  tool: { name: "get_events" },
  schemas: async () => (await import("../schemas/fleet-events.ts")).stream,
});
