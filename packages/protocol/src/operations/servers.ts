// The rows of the table about the servers of a fleet.
import { operation } from "./operation.ts";

const schemas = () => import("../schemas/servers.ts");

export const list = operation({
  name: "servers.list",
  summary: "List the servers of the fleet, this one first.",
  http: "GET /servers",
  core: true,
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: [],
  cli: { command: "servers ls", examples: ["fleetty servers ls", "fleetty servers ls --json"] },
  socket: ["list_servers"],
  tool: { name: "list_servers", isCore: true },
  schemas: async () => (await schemas()).list,
});

export const get = operation({
  name: "servers.get",
  summary: "Say how one server is, and what happened to its link lately.",
  http: "GET /servers/{ref}",
  core: true,
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: ["server_not_found"],
  cli: { command: "servers show", positional: ["ref"], examples: ["fleetty servers show build-1"] },
  tool: { name: "server_status", isCore: true },
  schemas: async () => (await schemas()).get,
});

export const capabilities = operation({
  name: "servers.capabilities",
  summary: "Say what a server has to offer its sessions: processors, memory, disk, shells.",
  http: "GET /servers/{ref}/capabilities",
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: ["server_not_found", "server_unavailable", "server_timeout"],
  deadlineMs: 10_000,
  cli: {
    command: "servers capabilities",
    positional: ["ref"],
    examples: ["fleetty servers capabilities build-1", "fleetty servers capabilities local --json"],
  },
  tool: { name: "server_status", isCore: true },
  schemas: async () => (await schemas()).capabilities,
});

export const add = operation({
  name: "servers.add",
  summary: "Add a fleetty server to the fleet, which this server dials from now on.",
  http: "POST /servers",
  status: 201,
  core: true,
  unusable: { code: "invalid_request", member: "address" },
  runs: "hub",
  verb: "fleet",
  audit: { members: ["address", "name", "labels"] },
  errors: ["server_already_registered", "server_name_conflict", "resource_limit_reached"],
  deadlineMs: 15_000,
  cli: {
    command: "servers add",
    positional: ["address"],
    examples: [
      "fleetty servers add http://build-1:7337 --with-token-file build-1.token",
      "fleetty servers add https://proxy.example/node-1 --name node-1 --label role=build --label zone=eu",
    ],
  },
  tool: { name: "add_server", isCore: true },
  schemas: async () => (await schemas()).add,
});

export const update = operation({
  name: "servers.update",
  summary: "Change what is kept of a server: its name, labels, token, and whether it takes new sessions.",
  http: "PATCH /servers/{ref}",
  runs: "hub",
  verb: "fleet",
  audit: { members: ["ref", "name", "labels", "cordoned", "draining"] },
  errors: ["server_not_found", "server_name_conflict"],
  cli: {
    command: "servers update",
    positional: ["ref"],
    examples: [
      "fleetty servers update build-1 --name build-1b",
      "fleetty servers update build-1b --no-name",
      "fleetty servers update build-1 --with-token-file build-1.token",
    ],
    also: [
      {
        command: "servers label",
        summary: "Give a server labels, as key=value, or take them from it, as key-.",
        positional: ["ref", "labels"],
        takesMany: true,
        examples: ["fleetty servers label build-1 role=build gpu=", "fleetty servers label local gpu-"],
      },
      {
        command: "servers cordon",
        summary: "Start nothing new on a server; what runs there goes on.",
        positional: ["ref"],
        examples: ["fleetty servers cordon build-1", "fleetty servers cordon local"],
      },
      {
        command: "servers uncordon",
        summary: "Let a server that was cordoned or draining take new sessions again.",
        positional: ["ref"],
        examples: ["fleetty servers uncordon build-1"],
      },
      {
        command: "servers drain",
        summary: "Start nothing new on a server, which is to become empty; its sessions end by themselves.",
        positional: ["ref"],
        examples: ["fleetty servers drain build-1"],
      },
    ],
  },
  tool: { name: "update_server", isIdempotent: true },
  schemas: async () => (await schemas()).update,
});

export const resolve = operation({
  name: "servers.resolve",
  summary: "Say which servers a server set means now.",
  http: "POST /servers/resolve",
  runs: "hub",
  verb: "observe",
  audit: "none",
  errors: ["invalid_selector"],
  cli: {
    command: "resolve",
    positional: ["on"],
    examples: ["fleetty resolve 'web-[1-3] !web-2'", "fleetty resolve @role=db"],
  },
  tool: { name: "resolve_servers" },
  schemas: async () => (await schemas()).resolve,
});

export const remove = operation({
  name: "servers.remove",
  summary: "Remove a server from the fleet; its sessions live on there.",
  http: "DELETE /servers/{ref}",
  status: 204,
  core: true,
  runs: "hub",
  verb: "fleet",
  audit: { members: ["ref"] },
  errors: ["server_not_found"],
  cli: { command: "servers rm", positional: ["ref"], examples: ["fleetty servers rm build-1"] },
  tool: { name: "remove_server", isCore: true, isDestructive: true },
  schemas: async () => (await schemas()).remove,
});

export const joinCode = operation({
  name: "servers.join_code",
  summary: "Make a code with which one server can join that this one cannot dial.",
  http: "POST /servers/join-codes",
  status: 201,
  runs: "hub",
  verb: "fleet",
  audit: { members: ["name", "labels", "ttl_ms", "approve"] },
  errors: ["server_name_conflict", "resource_limit_reached"],
  cli: {
    command: "servers join-code",
    examples: [
      "fleetty servers join-code | ssh build-1 fleetty worker --join https://hub-1:7337",
      "fleetty servers join-code --name build-1 --approve",
    ],
  },
  schemas: async () => (await schemas()).joinCode,
});

export const joinCodeRevoke = operation({
  name: "servers.join_code_revoke",
  summary: "Take a join code back that was not used.",
  http: "DELETE /servers/join-codes/{id}",
  status: 204,
  runs: "hub",
  verb: "fleet",
  audit: { members: ["id"] },
  errors: ["join_code_not_found"],
  cli: {
    command: "servers join-code-revoke",
    positional: ["id"],
    examples: ["fleetty servers join-code-revoke jcd_01K3Z8Q4T6V9X2B5N7M0R1S3WD"],
  },
  schemas: async () => (await schemas()).joinCodeRevoke,
});

export const approve = operation({
  name: "servers.approve",
  summary: "Let a server in that waits for it, or that has another key now.",
  http: "POST /servers/{ref}/approve",
  runs: "hub",
  verb: "fleet",
  audit: { members: ["ref", "key"] },
  errors: ["server_not_found"],
  cli: {
    command: "servers approve",
    positional: ["ref"],
    examples: ["fleetty servers approve build-1", "fleetty servers approve build-1 --key ed25519:…"],
  },
  schemas: async () => (await schemas()).approve,
});

export const revoke = operation({
  name: "servers.revoke",
  summary: "Close the link of a server and refuse its key for ever; its sessions live on there.",
  http: "POST /servers/{ref}/revoke",
  runs: "hub",
  verb: "fleet",
  audit: { members: ["ref"] },
  errors: ["server_not_found"],
  cli: { command: "servers revoke", positional: ["ref"], examples: ["fleetty servers revoke build-1"] },
  schemas: async () => (await schemas()).revoke,
});
