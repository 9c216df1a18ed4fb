// Asks each operation of the table as a caller would who has nothing particular in mind: one request that would be answered
// if nothing stood against it. A row that is new does not compile until it is here.
import type { OperationName } from "@fleetty/protocol/operations";
import { askingOfElements } from "./elements.ts";
import type { Ask } from "./http.ts";
import { UPGRADE } from "./viewer.ts";

/** By the name of the row; those on a session, on that one. */
export const asking: Record<OperationName, (session: string) => Ask> = {
  "health.get": () => ({ path: "/health" }),
  "openapi.get": () => ({ path: "/openapi.json" }),
  "openapi.yaml": () => ({ path: "/openapi.yaml" }),
  "ready.get": () => ({ path: "/readyz" }),
  "metrics.get": () => ({ path: "/metrics" }),
  "server.info": () => ({ path: "/server/info" }),
  "docs.get": () => ({ path: "/docs" }),
  "server.persist_get": () => ({ path: "/server/persist" }),
  "server.persist": () => ({ method: "PUT", path: "/server/persist", body: { persistent: true } }),
  "server.shutdown": () => ({ path: "/server/shutdown", body: {} }),
  "server.token": () => ({ path: "/server/token" }),
  "server.token_rotate": () => ({ path: "/server/token", body: {} }),
  "server.reload": () => ({ path: "/server/reload-config", body: {} }),
  "auth.ws_ticket": () => ({ path: "/auth/ws-ticket", body: {} }),
  "auth.login_ticket": () => ({ path: "/auth/login-ticket", body: {} }),
  "auth.session": () => ({ path: "/auth/session", body: { ticket: "none" } }),
  "auth.whoami": () => ({ path: "/auth/session" }),
  "auth.session_end": () => ({ method: "DELETE", path: "/auth/session" }),
  "servers.list": () => ({ path: "/servers" }),
  "servers.get": () => ({ path: "/servers/nobody" }),
  "servers.capabilities": () => ({ path: "/servers/nobody/capabilities" }),
  // Nobody listens on port 1.
  "servers.add": () => ({ path: "/servers", body: { address: "http://127.0.0.1:1" } }),
  "servers.update": () => ({ method: "PATCH", path: "/servers/nobody", body: { cordoned: true } }),
  "servers.remove": () => ({ method: "DELETE", path: "/servers/nobody" }),
  "servers.approve": () => ({ path: "/servers/nobody/approve", body: {} }),
  "servers.revoke": () => ({ path: "/servers/nobody/revoke", body: {} }),
  "servers.join_code": () => ({ path: "/servers/join-codes", body: {} }),
  "servers.join_code_revoke": () => ({ method: "DELETE", path: "/servers/join-codes/jcd_nobody" }),
  "servers.resolve": () => ({ path: "/servers/resolve", body: { on: "*" } }),
  "tokens.create": () => ({ path: "/tokens", body: { name: "ci", verbs: ["observe"] } }),
  "presets.list": () => ({ path: "/presets" }),
  "tokens.list": () => ({ path: "/tokens" }),
  "tokens.remove": () => ({ method: "DELETE", path: "/tokens/tok_01M86YT9RVK3H58PY09G4NGP3Q" }),
  "events.stream": () => ({ path: "/events?max_wait_ms=0", headers: { accept: "application/json" } }),
  "sessions.create": () => ({ path: "/sessions", body: { argv: ["/bin/sleep", "1000"] } }),
  "sessions.list": () => ({ path: "/sessions" }),
  "sessions.get": (session) => ({ path: `/sessions/${session}` }),
  "sessions.update": (session) => ({ method: "PATCH", path: `/sessions/${session}`, body: { add_tags: ["x"] } }),
  "sessions.kill": (session) => ({ method: "DELETE", path: `/sessions/${session}` }),
  "sessions.input": (session) => ({ path: `/sessions/${session}/input`, body: "x" }),
  "sessions.keys": (session) => ({ path: `/sessions/${session}/keys`, body: { keys: ["Enter"] } }),
  "sessions.paste": (session) => ({ path: `/sessions/${session}/paste`, body: { text: "x" } }),
  "sessions.secret": (session) => ({ path: `/sessions/${session}/secret`, body: { value: "hunter2" } }),
  "sessions.resize": (session) => ({ path: `/sessions/${session}/resize`, body: { rows: 5, cols: 5 } }),
  "sessions.signal": (session) => ({ path: `/sessions/${session}/signal`, body: { signal: "WINCH" } }),
  "sessions.lease": (session) => ({ path: `/sessions/${session}/lease`, body: {} }),
  "sessions.lease_release": (session) => ({ method: "DELETE", path: `/sessions/${session}/lease?lease=lea_nobody` }),
  "sessions.screen": (session) => ({ path: `/sessions/${session}/screen` }),
  "sessions.scrollback": (session) => ({ path: `/sessions/${session}/scrollback` }),
  "sessions.output": (session) => ({ path: `/sessions/${session}/output` }),
  "sessions.idle": (session) => ({ path: `/sessions/${session}/idle?timeout_ms=0` }),
  "sessions.wait": (session) => ({ path: `/sessions/${session}/wait`, body: { until: { exit: true } } }),
  "sessions.run": (session) => ({
    path: `/sessions/${session}/run`,
    body: { command: "true", max_wait_ms: 0, ready_wait_ms: 0 },
  }),
  "sessions.explain": (session) => ({ path: `/sessions/${session}/explain` }),
  "sessions.idle_any": () => ({ path: "/idle?timeout_ms=0&max_wait_ms=0" }),
  "fleet.wait": () => ({ path: "/wait", body: { select: { on: "*" }, max_wait_ms: 0 } }),
  "sessions.watch": (session) => ({ path: `/sessions/${session}/ws/raw`, headers: UPGRADE }),
  "sessions.socket": (session) => ({ path: `/sessions/${session}/ws/json`, headers: UPGRADE }),
  "fleet.socket": () => ({ path: "/ws/json", headers: UPGRADE }),
  "sessions.detach": (session) => ({ path: `/sessions/${session}/detach`, body: {} }),
  ...askingOfElements,
  "secrets.set": () => ({ method: "PUT", path: "/secrets/nobody", body: { value: "hunter2" } }),
  "secrets.list": () => ({ path: "/secrets" }),
  "secrets.remove": () => ({ method: "DELETE", path: "/secrets/nobody" }),
};

/** The same, with a member more in its query. */
export function withQuery(asked: Ask, member: string): Ask {
  return { ...asked, path: `${asked.path}${asked.path.includes("?") ? "&" : "?"}${member}` };
}
