// The rows of the table about presets: programs, agents above all, that a hub knows how to start and to hand a prompt.
import { operation } from "./operation.ts";

const schemas = () => import("../schemas/presets.ts");

export const list = operation({
  name: "presets.list",
  summary: "List the programs that this server knows how to start and to hand a prompt.",
  http: "GET /presets",
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: ["invalid_cursor"],
  cli: { command: "presets", examples: ["fleetty presets", "fleetty presets --json"] },
  tool: { name: "list_presets" },
  schemas: async () => (await schemas()).list,
});
