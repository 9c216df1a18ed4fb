// Every row of the table is reached from every face that it names, and all of them ask the same of the hub: HTTP over the unix
// socket and over TCP, older paths, the client over both, its command, and `fleetty api`. By real faces over a hub that only
// remembers what it was asked.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@fleetty/client";
import type { HubCalls } from "@fleetty/hub/calls";
import { FleettyError } from "@fleetty/protocol/errors";
import { type AnyOperation, askedOperations, type OperationName, operations } from "@fleetty/protocol/operations";
import { KeptCli } from "../packages/cli/test/kept-cli.ts";
import { type Ran, runCli } from "../packages/cli/test/run-cli.ts";
import { saidOfElements } from "./harness/elements.ts";
import { type Ask, ask } from "./harness/http.ts";
import { OwnFaces } from "./harness/own-faces.ts";
import type { Said } from "./harness/said.ts";
import { UPGRADE } from "./harness/viewer.ts";

const on = (path: string, more: Omit<Ask, "path"> = {}): Ask => ({ path: `/sessions/build${path}`, ...more });

const KEY = `ed25519:${"A".repeat(43)}`;

const said: Record<OperationName, Said> = {
  "health.get": { input: {}, http: { path: "/health" }, words: ["health"] },
  "openapi.get": { input: {}, http: { path: "/openapi.json" }, words: ["openapi"] },
  "openapi.yaml": { input: {}, http: { path: "/openapi.yaml" }, words: ["openapi", "yaml"] },
  "ready.get": { input: {}, http: { path: "/readyz" }, words: ["ready"] },
  "metrics.get": { input: {}, http: { path: "/metrics" }, words: ["metrics"] },
  "server.info": {
    input: { server: "here" },
    http: { path: "/server/info?server=here" },
    words: ["server", "status", "--server", "here"],
  },
  "docs.get": { input: {}, http: { path: "/docs" }, words: ["docs"] },
  "server.persist_get": {
    input: { server: "here" },
    http: { path: "/server/persist?server=here" },
    words: ["persist", "--server", "here"],
  },
  "server.persist": {
    input: { persistent: false, server: "here" },
    http: { method: "PUT", path: "/server/persist", body: { persistent: false, server: "here" } },
    words: ["persist", "off", "--server", "here"],
  },
  "server.shutdown": {
    input: { end_sessions: true },
    http: { path: "/server/shutdown", body: { end_sessions: true } },
    words: ["stop", "--end-sessions"],
  },
  "server.token": { input: {}, http: { path: "/server/token" }, words: ["token"] },
  "server.token_rotate": { input: {}, http: { method: "POST", path: "/server/token" }, words: ["token", "rotate"] },
  "server.reload": {
    input: {},
    http: { path: "/server/reload-config", body: {} },
    words: ["servers", "reload"],
  },
  "auth.ws_ticket": { input: {}, http: { path: "/auth/ws-ticket", body: {} }, words: ["auth", "ws-ticket"] },
  "auth.login_ticket": { input: {}, http: { path: "/auth/login-ticket", body: {} }, words: ["auth", "login-ticket"] },
  "auth.session": {
    input: { ticket: "once" },
    http: { path: "/auth/session", body: { ticket: "once" } },
    words: ["auth", "session"],
    stdin: "once\n",
  },
  "auth.whoami": { input: {}, http: { path: "/auth/session" }, words: ["auth", "whoami"] },
  "auth.session_end": { input: {}, http: { method: "DELETE", path: "/auth/session" }, words: ["auth", "end"] },
  "servers.list": { input: {}, http: { path: "/servers" }, words: ["servers", "ls"] },
  "servers.capabilities": {
    input: { ref: "web-1" },
    http: { path: "/servers/web-1/capabilities" },
    words: ["servers", "capabilities", "web-1"],
  },
  "servers.get": { input: { ref: "web-1" }, http: { path: "/servers/web-1" }, words: ["servers", "show", "web-1"] },
  "servers.add": {
    input: { address: "http://web-1:7337", name: "web", labels: { role: "db" } },
    http: { path: "/servers", body: { address: "http://web-1:7337", name: "web", labels: { role: "db" } } },
    words: ["servers", "add", "http://web-1:7337", "--name", "web", "--label", "role=db"],
  },
  "servers.update": {
    input: { ref: "web-1", cordoned: true },
    http: { method: "PATCH", path: "/servers/web-1", body: { cordoned: true } },
    words: ["servers", "cordon", "web-1"],
  },
  "servers.remove": {
    input: { ref: "web-1" },
    http: { method: "DELETE", path: "/servers/web-1" },
    words: ["servers", "rm", "web-1"],
  },
  "servers.approve": {
    input: { ref: "web-1", key: KEY },
    http: { path: "/servers/web-1/approve", body: { key: KEY } },
    words: ["servers", "approve", "web-1", "--key", KEY],
  },
  "servers.revoke": {
    input: { ref: "web-1" },
    http: { method: "POST", path: "/servers/web-1/revoke" },
    words: ["servers", "revoke", "web-1"],
  },
  "servers.join_code": {
    input: { name: "web-1", ttl_ms: 60_000, approve: true },
    http: { path: "/servers/join-codes", body: { name: "web-1", ttl_ms: 60_000, approve: true } },
    words: ["servers", "join-code", "--name", "web-1", "--ttl-ms", "60000", "--approve"],
  },
  "servers.join_code_revoke": {
    input: { id: "jcd_1" },
    http: { method: "DELETE", path: "/servers/join-codes/jcd_1" },
    words: ["servers", "join-code-revoke", "jcd_1"],
  },
  "servers.resolve": {
    input: { on: "web-[1-3]" },
    http: { path: "/servers/resolve", body: { on: "web-[1-3]" } },
    words: ["resolve", "web-[1-3]"],
  },
  "tokens.create": {
    input: { name: "ci", verbs: ["observe", "input"], tags: ["a", "b"], on: "@env=a", expires_in_ms: 7_200_000 },
    http: {
      path: "/tokens",
      body: { name: "ci", verbs: ["observe", "input"], tags: ["a", "b"], on: "@env=a", expires_in_ms: 7_200_000 },
    },
    words: ["tokens", "add", "ci", "--verbs", "observe,input", "--tags", "a,b", "--on", "@env=a", "--expires", "2h"],
  },
  "presets.list": {
    input: { limit: 5 },
    http: { path: "/presets?limit=5" },
    words: ["presets", "--limit", "5"],
  },
  "tokens.list": {
    input: { limit: 5, cursor: "dG9r" },
    http: { path: "/tokens?limit=5&cursor=dG9r" },
    words: ["tokens", "ls", "--limit", "5", "--cursor", "dG9r"],
  },
  "tokens.remove": {
    input: { id: "tok_1" },
    http: { method: "DELETE", path: "/tokens/tok_1" },
    words: ["tokens", "rm", "tok_1"],
  },
  "events.stream": {
    input: { types: ["server.", "session.exited"] },
    http: { path: "/events?types=server.,session.exited", headers: { accept: "application/json" } },
    words: null,
  },
  "sessions.create": {
    input: { name: "build", argv: ["htop", "-d", "1"], tags: ["ci"], cols: 100 },
    http: { path: "/sessions", body: { name: "build", argv: ["htop", "-d", "1"], tags: ["ci"], cols: 100 } },
    words: ["new", "build", "--tags", "ci", "--cols", "100", "--", "htop", "-d", "1"],
  },
  "sessions.list": {
    input: { tag: ["ci", "nightly"], include: ["exited"] },
    http: { path: "/sessions?tag=ci,nightly&include=exited" },
    words: ["ls", "--tag", "ci,nightly", "--include", "exited"],
  },
  "sessions.get": { input: { session: "build" }, http: on(""), words: ["show", "build"] },
  "sessions.update": {
    input: { session: "build", name: "other" },
    http: on("", { method: "PATCH", body: { name: "other" } }),
    words: ["rename", "build", "other"],
  },
  "sessions.kill": {
    input: { session: "build", grace_ms: 5_000 },
    http: on("?grace_ms=5000", { method: "DELETE" }),
    words: ["kill", "build", "--grace-ms", "5000"],
  },
  "sessions.input": {
    input: { session: "build", data: "eQ==", input_id: "a1" },
    http: on("/input?input_id=a1", { body: "y" }),
    words: ["send", "build", "y", "--input-id", "a1"],
  },
  "sessions.keys": {
    input: { session: "build", keys: ["Up", "Enter"], repeat: 2 },
    http: on("/keys", { body: { keys: ["Up", "Enter"], repeat: 2 } }),
    words: ["keys", "build", "Up", "Enter", "--repeat", "2"],
    pairs: ["session=build", 'keys=["Up","Enter"]', "repeat=2"],
  },
  "sessions.paste": {
    input: { session: "build", text: "two words", enter: true },
    http: on("/paste", { body: { text: "two words", enter: true } }),
    words: ["paste", "build", "two words", "--enter"],
  },
  "sessions.secret": {
    input: { session: "build", value: "hunter2", enter: false, wait_ms: 5 },
    http: on("/secret", { body: { value: "hunter2", enter: false, wait_ms: 5 } }),
    words: ["secret", "build", "--without-enter", "--wait-ms", "5"],
    stdin: "hunter2\n",
    pairs: ["session=build", "value=-", "enter=false", "wait_ms=5"],
  },
  "sessions.resize": {
    input: { session: "build", rows: 40, cols: 120 },
    http: on("/resize", { body: { rows: 40, cols: 120 } }),
    words: ["resize", "build", "--rows", "40", "--cols", "120"],
  },
  "sessions.lease": {
    input: { session: "build", ttl_ms: 60_000, kind: "human", take_over: true, wait_ms: 5 },
    http: on("/lease", { body: { ttl_ms: 60_000, kind: "human", take_over: true, wait_ms: 5 } }),
    words: ["lease", "build", "--ttl-ms", "60000", "--kind", "human", "--take-over", "--wait-ms", "5"],
  },
  "sessions.lease_release": {
    input: { session: "build", lease: "lea_1" },
    http: on("/lease?lease=lea_1", { method: "DELETE" }),
    words: ["lease", "build", "--release", "--lease", "lea_1"],
  },
  "sessions.signal": {
    input: { session: "build", signal: "TERM", to: "session" },
    http: on("/signal", { body: { signal: "TERM", to: "session" } }),
    words: ["signal", "build", "TERM", "--to", "session"],
  },
  "sessions.screen": {
    input: { session: "build", format: "plain", since_epoch: 7, highlights: true },
    http: on("/screen?format=plain&since_epoch=7&highlights=1"),
    words: ["screen", "build", "--format", "plain", "--since-epoch", "7", "--highlights"],
  },
  "sessions.scrollback": {
    input: { session: "build", format: "plain", offset: -200, limit: 5 },
    http: on("/scrollback?format=plain&offset=-200&limit=5"),
    words: ["scrollback", "build", "--format", "plain", "--offset", "-200", "--limit", "5"],
  },
  "sessions.output": {
    input: { session: "build", from: -3, format: "base64" },
    http: on("/output?from=-3&format=base64"),
    words: ["output", "build", "--from", "-3", "--format", "base64"],
  },
  "sessions.idle": {
    input: { session: "build", timeout_ms: 2_000, fresh: true },
    http: on("/idle?timeout_ms=2000&fresh=true"),
    words: ["idle", "build", "--timeout-ms", "2000", "--fresh"],
  },
  "sessions.wait": {
    input: { session: "build", until: { exit: true }, max_wait_ms: 1_000 },
    http: on("/wait", { body: { until: { exit: true }, max_wait_ms: 1_000 } }),
    words: ["wait", "build", "--exit", "--max-wait-ms", "1000"],
  },
  "sessions.run": {
    input: { session: "build", command: "make test", max_wait_ms: 1_000, stop_on: ["needs_secret"] },
    http: on("/run", { body: { command: "make test", max_wait_ms: 1_000, stop_on: ["needs_secret"] } }),
    words: ["run", "build", "make test", "--max-wait-ms", "1000", "--stop-on", "needs_secret"],
    exits: 1,
  },
  "sessions.explain": { input: { session: "build" }, http: on("/explain"), words: ["explain", "build"] },
  "sessions.idle_any": {
    input: { timeout_ms: 100, tag: ["ci", "nightly"], on: "web-1", cursor: "idl_1" },
    http: { path: "/idle?timeout_ms=100&tag=ci,nightly&on=web-1&cursor=idl_1" },
    words: ["idle", "--timeout-ms", "100", "--tag", "ci,nightly", "--on", "web-1", "--cursor", "idl_1"],
  },
  "fleet.wait": {
    input: { select: { on: "web-1", tags: ["ci"] }, until: { exit: true }, mode: "all", max_wait_ms: 1_000 },
    http: {
      path: "/wait",
      body: { select: { on: "web-1", tags: ["ci"] }, until: { exit: true }, mode: "all", max_wait_ms: 1_000 },
    },
    words: ["wait", "--exit", "--all", "--tag", "ci", "--on", "web-1", "--max-wait-ms", "1000"],
  },
  "sessions.watch": {
    input: { session: "build", from: 0, readonly: true },
    http: on("/ws/raw?from=0&readonly=1", { headers: UPGRADE }),
    words: null,
  },
  "sessions.socket": {
    input: { session: "build", server: "web-1" },
    http: on("/ws/json?server=web-1", { headers: UPGRADE }),
    words: null,
  },
  "fleet.socket": {
    input: { cursor: "ev_1" },
    http: { path: "/ws/json?cursor=ev_1", headers: UPGRADE },
    words: null,
  },
  "sessions.detach": { input: { session: "build" }, http: on("/detach", { body: {} }), words: ["detach", "build"] },
  ...saidOfElements,
  "secrets.set": {
    input: { name: "sudo-web", value: "hunter2", tags: ["ci"], prompt: "^Password" },
    http: {
      method: "PUT",
      path: "/secrets/sudo-web",
      body: { value: "hunter2", tags: ["ci"], prompt: "^Password" },
    },
    words: ["secrets", "set", "sudo-web", "--tags", "ci", "--prompt", "^Password"],
    stdin: "hunter2\n",
    pairs: ["name=sudo-web", "value=-", "tags=ci", "prompt=^Password"],
  },
  "secrets.list": {
    input: { server: "web-1", limit: 5 },
    http: { path: "/secrets?server=web-1&limit=5" },
    words: ["secrets", "ls", "--server", "web-1", "--limit", "5"],
  },
  "secrets.remove": {
    input: { name: "sudo-web" },
    http: { method: "DELETE", path: "/secrets/sudo-web" },
    words: ["secrets", "rm", "sudo-web"],
  },
};

/** A session has at least this; others are not read. */
const ANSWER = { id: "build" };

/** Answers everything with hardly anything, and remembers what it was asked. */
class Remembering implements HubCalls {
  readonly asked: { readonly name: string; readonly input: unknown; readonly transport: string }[] = [];

  call: HubCalls["call"] = async (name, input, { caller: { transport } }) => {
    this.asked.push({ name, input, transport });
    return (askedOperations[name] as AnyOperation).text ? "" : ANSWER;
  };

  watch: HubCalls["watch"] = async ({ credits: _, ...input }, _sink, { caller: { transport } }) => {
    this.asked.push({ name: "sessions.watch", input, transport });
    throw new FleettyError("session_not_found", "there is nothing to be seen here");
  };

  follow: HubCalls["follow"] = async (input, { caller: { transport } }) => {
    this.asked.push({ name: "events.stream", input, transport });
    throw new FleettyError("session_not_found", "there is nothing to be followed here");
  };

  observe: HubCalls["observe"] = async (input, { caller: { transport } }) => {
    this.asked.push({ name: "sessions.socket", input, transport });
    throw new FleettyError("session_not_found", "there is nothing to be observed here");
  };

  announce: HubCalls["announce"] = async (input, { caller: { transport } }) => {
    this.asked.push({ name: "fleet.socket", input, transport });
    throw new FleettyError("session_not_found", "there is nothing to be announced here");
  };
}

const rows = Object.values(operations) as (AnyOperation & { readonly name: OperationName })[];
const hub = new Remembering();
let faces: OwnFaces;
let kept: KeptCli;

before(async () => {
  faces = await OwnFaces.open(hub);
  kept = new KeptCli();
});

after(async () => {
  await kept[Symbol.asyncDispose]();
  await faces[Symbol.asyncDispose]();
});

/** Passes when `reach` had the hub asked for this row and this input, over that transport. */
async function assertReaches(
  row: AnyOperation,
  transport: string,
  reach: (one: Said) => Promise<unknown>,
): Promise<void> {
  const one = said[row.name as OperationName];
  const was = hub.asked.length;
  const seen = await reach(one);
  const input = (await row.schemas()).input.parse(one.input);
  const reached = hub.asked.slice(was).filter(({ name }) => name === row.name);
  const who = { name: row.name, input, transport: row.verb === "public" ? "tcp" : transport };
  assert.deepEqual(reached, [who], `${row.name}: ${JSON.stringify(seen)?.slice(0, 500)}`);
}

/** By the words of its name, as its user writes it. */
async function callMethod(client: Client, row: AnyOperation, { input }: Said): Promise<unknown> {
  type Methods = { readonly [word: string]: Methods } & ((input: object) => Promise<unknown> & AsyncIterable<unknown>);
  const within = (group: Methods, word: string) => group[word] as Methods;
  const method = row.name.split(".").reduce(within, client as unknown as Methods);
  if (row.kind !== "stream" && row.kind !== "events") return method(input);
  const watching = async () => {
    for await (const _ of method(input)) assert.fail("there is nothing to be seen");
  };
  return assert.rejects(watching, { code: "session_not_found" });
}

/** `member=value`, again for each of several; an object is JSON. */
function pairsOf({ input, pairs }: Said): readonly string[] {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return pairs ?? Object.entries(input).flatMap(([name, value]) => [value].flat().map((one) => `${name}=${text(one)}`));
}

/** Runs the command line, which prints what the hub answered. */
async function printed(row: AnyOperation, words: readonly string[], input = ""): Promise<Ran> {
  const line = ["--socket", faces.socketPath, ...words];
  const ran = await (input === "" ? kept.run(line) : runCli(line, { input }));
  const answer = row.status === 204 ? "" : JSON.stringify(row.text ? "" : ANSWER);
  const { exits = 0 } = words.includes("api") ? {} : said[row.name as OperationName];
  assert.deepEqual([ran.code, ran.stdout.replaceAll(/\s/g, ""), ran.stderr], [exits, answer, ""], words.join(" "));
  return ran;
}

describe("every row of the table is reached, with what was said,", () => {
  it("by HTTP, over the unix socket and over TCP, and by its older paths", async () => {
    for (const row of rows) {
      await assertReaches(row, "unix", ({ http }) => ask({ socketPath: faces.socketPath }, http));
      await assertReaches(row, "tcp", ({ http }) => ask(faces.tcp, http));
      for (const path of row.aliases ?? []) {
        const there = (asked: Ask) => path.replace("{session}", "build") + new URL(asked.path, "http://x").search;
        await assertReaches(row, "unix", ({ http }) =>
          ask({ socketPath: faces.socketPath }, { ...http, path: there(http) }),
        );
      }
    }
  });

  it("by the method of the client, over the unix socket and over TCP", async () => {
    const { host, port, token } = faces.tcp;
    using local = connect({ socket: faces.socketPath });
    using remote = connect({ url: `http://${host}:${port}`, token });
    for (const row of rows) {
      await assertReaches(row, "unix", (one) => callMethod(local, row, one));
      await assertReaches(row, "tcp", (one) => callMethod(remote, row, one));
    }
  });

  it("by its command, whose --json is the answer,", async () => {
    for (const row of rows) {
      const { words, stdin = "" } = said[row.name];
      if (words === null) continue;
      await assertReaches(row, "unix", () => printed(row, ["--json", ...words], stdin));
    }
  });

  it("by `fleetty api` and its name, but for a stream, which has a command alone", async () => {
    for (const row of rows) {
      const called = ["api", row.name];
      if (row.kind !== "stream")
        await assertReaches(row, "unix", (one) => printed(row, [...called, ...pairsOf(one)], one.stdin));
      else assert.match((await kept.run(called)).stderr, new RegExp(`fleetty ${row.cli?.command} shows it`));
    }
  });
});
