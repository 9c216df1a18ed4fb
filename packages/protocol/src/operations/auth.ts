// The operations on credentials: short-lived ones that a browser can carry, made from the one that the caller has.
import { operation } from "./operation.ts";

const schemas = () => import("../schemas/auth.ts");

export const wsTicket = operation({
  name: "auth.ws_ticket",
  summary: "Make a ticket that opens one WebSocket, for pages, which cannot send a token with an upgrade.",
  http: "POST /auth/ws-ticket",
  core: true,
  runs: "hub",
  verb: "any",
  audit: { members: [] },
  errors: ["resource_limit_reached"],
  cli: { command: "auth ws-ticket", examples: ["fleetty auth ws-ticket"] },
  schemas: async () => (await schemas()).wsTicket,
});

export const loginTicket = operation({
  name: "auth.login_ticket",
  summary: "Make a ticket that a browser exchanges once for a token of its own.",
  http: "POST /auth/login-ticket",
  status: 201,
  runs: "hub",
  verb: "any",
  audit: { members: [] },
  errors: ["resource_limit_reached"],
  cli: { command: "auth login-ticket", examples: ["fleetty auth login-ticket"] },
  schemas: async () => (await schemas()).loginTicket,
});

export const session = operation({
  name: "auth.session",
  summary: "Exchange a login ticket for a token of twelve hours.",
  http: "POST /auth/session",
  runs: "hub",
  verb: "public",
  audit: { members: [] },
  errors: ["auth_required", "rate_limited", "resource_limit_reached"],
  cli: { command: "auth session", examples: ["fleetty auth session < ticket.txt"] },
  schemas: async () => (await schemas()).session,
});

export const whoami = operation({
  name: "auth.whoami",
  summary: "Say who the caller is and what it may do.",
  http: "GET /auth/session",
  runs: "hub",
  verb: "any",
  audit: "none",
  errors: [],
  cli: { command: "auth whoami", examples: ["fleetty auth whoami"] },
  schemas: async () => (await schemas()).whoami,
});

export const endSession = operation({
  name: "auth.session_end",
  summary: "End the caller's own browser token at once.",
  http: "DELETE /auth/session",
  status: 204,
  runs: "hub",
  verb: "any",
  audit: { members: [] },
  errors: [],
  cli: { command: "auth end", examples: ["fleetty --url https://host --token-file browser.token auth end"] },
  schemas: async () => (await schemas()).endSession,
});
