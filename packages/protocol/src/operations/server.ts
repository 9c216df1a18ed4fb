// The operations on the server itself.
import { operation } from "./operation.ts";
import { LEARNT, SERVER } from "./refusals.ts";

const schemas = () => import("../schemas/server.ts");

export const health = operation({
  name: "health.get",
  summary: "Say that the process answers.",
  http: "GET /health",
  aliases: ["/healthz"],
  core: true,
  runs: "hub",
  verb: "public",
  audit: "none",
  errors: [],
  cli: { command: "health", examples: ["fleetty health"] },
  schemas: async () => (await schemas()).health,
});

export const openapi = operation({
  name: "openapi.get",
  summary: "Describe this API as OpenAPI 3.1.",
  http: "GET /openapi.json",
  aliases: ["/openapi"],
  runs: "hub",
  verb: "any",
  audit: "none",
  errors: [],
  cli: { command: "openapi", examples: ["fleetty openapi > openapi.json"] },
  schemas: async () => (await schemas()).openapi,
});

export const openapiYaml = operation({
  name: "openapi.yaml",
  summary: "Describe this API as OpenAPI 3.1, in YAML.",
  http: "GET /openapi.yaml",
  core: true,
  kind: "text",
  text: { mediaType: "application/yaml" },
  runs: "hub",
  verb: "any",
  audit: "none",
  errors: [],
  cli: { command: "openapi yaml", examples: ["fleetty openapi yaml > openapi.yaml"] },
  schemas: async () => (await schemas()).openapiYaml,
});

export const docs = operation({
  name: "docs.get",
  summary: "Explain this API to whoever is to use it, in Markdown.",
  http: "GET /docs",
  kind: "text",
  text: { mediaType: "text/markdown; charset=utf-8" },
  core: true,
  runs: "hub",
  verb: "any",
  audit: "none",
  errors: [],
  cli: { command: "docs", examples: ["fleetty docs", "fleetty docs > fleetty-api.md"] },
  schemas: async () => (await schemas()).docs,
});

export const ready = operation({
  name: "ready.get",
  summary: "Say whether this server is ready for work: its store can be written and its session hosts are reached.",
  http: "GET /readyz",
  runs: "hub",
  verb: "public",
  audit: "none",
  errors: ["not_ready"],
  cli: { command: "ready", examples: ["fleetty ready"] },
  schemas: async () => (await schemas()).ready,
});

export const metrics = operation({
  name: "metrics.get",
  summary: "Tell what this server has counted, for Prometheus.",
  http: "GET /metrics",
  kind: "text",
  text: { mediaType: "text/plain; version=0.0.4; charset=utf-8" },
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: [],
  cli: { command: "metrics", examples: ["fleetty metrics"] },
  schemas: async () => (await schemas()).metrics,
});

export const info = operation({
  name: "server.info",
  summary: "Say who this server is and where it listens.",
  http: "GET /server/info",
  core: true,
  runs: "server",
  verb: "any",
  audit: "none",
  errors: SERVER,
  cli: { command: "server status", examples: ["fleetty server status"] },
  schemas: async () => (await schemas()).info,
});

export const persistGet = operation({
  name: "server.persist_get",
  summary: "Say whether a server stays when its last session has ended.",
  http: "GET /server/persist",
  core: true,
  runs: "server",
  verb: "any",
  audit: "none",
  errors: [...SERVER, LEARNT],
  cli: { command: "persist", examples: ["fleetty persist"] },
  schemas: async () => (await schemas()).persistGet,
});

export const persist = operation({
  name: "server.persist",
  summary: "Have a server stay, whether it has sessions or not.",
  http: "PUT /server/persist",
  core: true,
  unusable: { code: "invalid_request" },
  runs: "server",
  verb: "admin",
  audit: { members: ["persistent", "server"] },
  errors: [...SERVER, LEARNT],
  cli: {
    command: "persist on",
    examples: ["fleetty persist on", "fleetty persist on --server build-1"],
    also: [
      {
        command: "persist off",
        summary: "Have a server go when its last session ends, or after 60 s without sessions and sockets.",
        examples: ["fleetty persist off"],
      },
    ],
  },
  socket: ["set_server_mode"],
  schemas: async () => (await schemas()).persist,
});

export const shutdown = operation({
  name: "server.shutdown",
  summary: "Stop this server; sessions live on in their session host unless asked otherwise.",
  http: "POST /server/shutdown",
  core: true,
  runs: "hub",
  verb: "unix",
  audit: { members: ["end_sessions"] },
  errors: [],
  cli: { command: "stop", examples: ["fleetty stop", "fleetty stop --end-sessions"] },
  schemas: async () => (await schemas()).shutdown,
});

export const token = operation({
  name: "server.token",
  summary: "Show the root token.",
  http: "GET /server/token",
  core: true,
  runs: "hub",
  verb: "unix",
  audit: "none",
  errors: [],
  cli: { command: "token", examples: ["fleetty token", "fleetty token > token.txt"] },
  schemas: async () => (await schemas()).token,
});

export const tokenRotate = operation({
  name: "server.token_rotate",
  summary: "Make another root token; the old one ends, with all that came from it.",
  http: "POST /server/token",
  runs: "hub",
  verb: "unix",
  audit: { members: [] },
  errors: [],
  cli: { command: "token rotate", examples: ["fleetty token rotate"] },
  schemas: async () => (await schemas()).token,
});

export const reload = operation({
  name: "server.reload",
  summary:
    "Read servers, the rules for dialling them and presets from the configuration file again: all of it or nothing.",
  http: "POST /server/reload-config",
  core: true,
  runs: "hub",
  verb: "unix",
  audit: { members: [] },
  errors: ["no_config", "server_name_conflict", "resource_limit_reached"],
  cli: { command: "servers reload", examples: ["fleetty servers reload"] },
  schemas: async () => (await schemas()).reload,
});
