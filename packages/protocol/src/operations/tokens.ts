// The rows of the table about named tokens: credentials that an operator gives away, narrower than the root token.
import { operation } from "./operation.ts";

const schemas = () => import("../schemas/tokens.ts");

export const create = operation({
  name: "tokens.create",
  summary: "Make a named token; its text is shown this once.",
  http: "POST /tokens",
  status: 201,
  runs: "hub",
  verb: "admin",
  audit: { members: ["name", "kind", "verbs", "on", "tags", "expires_in_ms"] },
  errors: ["invalid_selector", "invalid_tag", "resource_limit_reached"],
  cli: {
    command: "tokens add",
    positional: ["name"],
    examples: [
      "fleetty tokens add watcher --verbs observe > watcher.token",
      "fleetty tokens add ci --verbs observe,input,create --tags ci --expires 12h",
      "fleetty tokens add staging --verbs observe,input --on @env=staging --kind human",
    ],
  },
  schemas: async () => (await schemas()).create,
});

export const list = operation({
  name: "tokens.list",
  summary: "List the named tokens, oldest first, and what each may do.",
  http: "GET /tokens",
  runs: "hub",
  verb: "admin",
  audit: "none",
  errors: ["invalid_cursor"],
  cli: { command: "tokens ls", examples: ["fleetty tokens ls", "fleetty tokens ls --json"] },
  schemas: async () => (await schemas()).list,
});

export const remove = operation({
  name: "tokens.remove",
  summary: "Take a named token back; whatever is under way with it ends.",
  http: "DELETE /tokens/{id}",
  status: 204,
  runs: "hub",
  verb: "admin",
  audit: { members: ["id"] },
  errors: ["token_not_found", "resource_limit_reached"],
  cli: { command: "tokens rm", positional: ["id"], examples: ["fleetty tokens rm tok_01JD3V7M2QH8X4T6ZP9RB5NCWK"] },
  schemas: async () => (await schemas()).remove,
});
