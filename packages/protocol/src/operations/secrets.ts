// The rows of the table about secrets: what a server knows by name, and types where a program asks for it.
import { operation } from "./operation.ts";
import { SERVER } from "./refusals.ts";

const schemas = () => import("../schemas/secrets.ts");

export const set = operation({
  name: "secrets.set",
  summary: "Keep a secret on a server under a name, encrypted; nothing returns it.",
  http: "PUT /secrets/{name}",
  status: 204,
  runs: "server",
  verb: "admin",
  secretMember: "value",
  audit: { members: ["name", "tags", "prompt"] },
  errors: [...SERVER, "invalid_tag", "invalid_pattern", "resource_limit_reached"],
  cli: {
    command: "secrets set",
    positional: ["name"],
    examples: [
      "fleetty secrets set sudo-web --prompt '^\\[sudo\\] password'",
      "pass show web/deploy | fleetty secrets set deploy-key --tags ci --server web-1",
    ],
  },
  schemas: async () => (await schemas()).set,
});

export const list = operation({
  name: "secrets.list",
  summary: "List the secrets of a server by name: where each comes from and where it may be typed, never what it is.",
  http: "GET /secrets",
  runs: "server",
  verb: "secret",
  audit: { members: ["server"] },
  errors: [...SERVER, "invalid_cursor"],
  cli: { command: "secrets ls", examples: ["fleetty secrets ls", "fleetty secrets ls --server web-1 --json"] },
  tool: { name: "list_secrets" },
  schemas: async () => (await schemas()).list,
});

export const remove = operation({
  name: "secrets.remove",
  summary: "Forget a secret that a server keeps.",
  http: "DELETE /secrets/{name}",
  status: 204,
  runs: "server",
  verb: "admin",
  audit: { members: ["name"] },
  errors: [...SERVER, "secret_not_found"],
  cli: { command: "secrets rm", positional: ["name"], examples: ["fleetty secrets rm sudo-web"] },
  schemas: async () => (await schemas()).remove,
});
