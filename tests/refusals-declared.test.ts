// Every refusal that a row of the table declares and that a request alone, or a session as it is, provokes: row by row, by the
// real binary, over the unix socket and over TCP, with nothing changed. What the state of a session host provokes is in
// refusals-hosts.test.ts.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { asking, withQuery } from "./harness/asking.ts";
import { type Cells, plainly, refusesWith } from "./harness/declared.ts";
import { type ElementOperation, elementAsk, namesOne } from "./harness/elements.ts";
import { type Answer, type Ask, ask, type Where } from "./harness/http.ts";
import { lasting } from "./harness/lasting.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";

const SESSION_ID = "ses_01M86YT9RVK3H58PY09G4NGP3Q";

/** Live ones, by what their program does with what is typed. */
const programs = {
  live: "read-nothing",
  raw: "read-raw",
  lines: "measure-lines",
  secret: "ask-password",
  held: "read-raw",
};

let server: TestServer;
let was: unknown;
const faces: Record<string, Where> = {};

before(async () => {
  const most = Object.keys(programs).length + 1;
  server = await startServer({ tcp: true, args: ["--trust-proxy", "127.0.0.1", "--max-sessions", `${most}`] });
  faces["the unix socket"] = { socketPath: server.socketPath };
  faces["TCP"] = { ...(await server.tcp()), token: server.token };
  const ready = { pattern: { regex: "ready|Password", on: "screen" } };
  for (const [name, program] of Object.entries(programs)) {
    await server.ask({ path: "/sessions", body: { name, argv: [fixture(program)] } });
    await server.ask({ path: `/sessions/${name}/wait`, body: { until: ready } });
  }
  await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/sh", "-c", "exit 3"] } });
  await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
  const taken = { path: "/sessions/raw/input?input_id=taken", body: "x" };
  for (const where of Object.values(faces)) assert.equal((await ask(where, taken)).status, 200);
  // What comes of it is there before anything is compared.
  const printed = { pattern: { regex: "ready xx", on: "screen" } };
  assert.equal((await server.ask({ path: "/sessions/raw/wait", body: { until: printed } })).json.reason, "pattern");
  assert.equal((await server.ask(to("held/lease", { ttl_ms: 600_000 }))).status, 201);
  was = await whatIsThere();
});

after(() => server[Symbol.asyncDispose]());

async function whatIsThere(): Promise<unknown> {
  const { json } = await server.ask({ path: "/sessions" });
  return json.map(lasting);
}

const each = refusesWith(faces, async () => {
  assert.deepEqual(await whatIsThere(), was);
  assert.ok(await server.answers());
});

/** A command is typed into a shell, which has a story of its own. */
const IN_RUN = { in: "tests/run.test.ts", because: "it wants a shell at its prompt" };

const to = (path: string, body: unknown): Ask => ({ path: `/sessions/${path}`, body });
const keeping = (body: object): Ask => ({ method: "PUT", path: "/secrets/kept", body });
const creating = (body: object): Ask => ({ path: "/sessions", body });
const updating = (session: string, body: object): Ask => ({ method: "PATCH", ...to(session, body) });

describe("a server", () => {
  each("server_not_found", "that is not known, which matters more than an unknown session,", () => ({
    ...plainly("server_not_found", "nobody", (asked) => withQuery(asked, "server=elsewhere")),
    "fleet.wait": { path: "/wait", body: { select: { on: "elsewhere" } } },
    "servers.get": asking["servers.get"](""),
    "servers.capabilities": asking["servers.capabilities"](""),
    "servers.update": asking["servers.update"](""),
    "servers.remove": asking["servers.remove"](""),
    "servers.approve": asking["servers.approve"](""),
    "servers.revoke": asking["servers.revoke"](""),
  }));

  each("join_code_not_found", "whose join code is not there", () => ({
    "servers.join_code_revoke": asking["servers.join_code_revoke"](""),
  }));
});

describe("a question for events", () => {
  each("not_acceptable", "in a form that they have not", () => ({
    "events.stream": { ...asking["events.stream"](""), headers: { accept: "text/html" } },
  }));
});

describe("a session", () => {
  each("session_not_found", "that nobody has", () => plainly("session_not_found", "nobody"));
  each("session_not_found", "by an id that nobody has", () => plainly("session_not_found", SESSION_ID));
  each("session_exited", "that has ended, which matters more than what was seen of it,", () => ({
    ...plainly("session_exited", "over"),
    "sessions.input": to("over/input?if_epoch=999&input_id=taken", "x"),
    "sessions.run": to("over/run", { command: "true", if_epoch: 999 }),
    "sessions.paste": to("over/paste", { text: "x", bracketed: "require" }),
  }));
});

describe("a session's names", () => {
  each("invalid_session_name", "that could not be used", () => ({
    "sessions.create": creating({ name: "a/b" }),
    "sessions.update": updating("live", { name: "a/b", add_tags: ["fine"] }),
  }));
  each("invalid_tag", "that are no tags", () => ({
    "sessions.create": creating({ tags: ["fine", "a b"] }),
    "tokens.create": { path: "/tokens", body: { name: "ci", verbs: ["observe"], tags: ["fine", "a b"] } },
    "secrets.set": keeping({ value: "hunter2", tags: ["fine", "a b"] }),
    "sessions.update": updating("live", { name: "other", add_tags: ["fine", "a b"] }),
  }));
  each("session_name_conflict", "that another has", () => ({
    "sessions.create": creating({ name: "raw" }),
    "sessions.update": updating("live", { name: "raw", add_tags: ["fine"] }),
  }));
});

describe("a named token", () => {
  each("token_not_found", "that was never made", () => plainly("token_not_found", "live"));
});

describe("a secret", () => {
  each("secret_not_found", "that nobody keeps", () => ({
    ...plainly("secret_not_found", "secret"),
    "sessions.secret": to("secret/secret", { name: "nobody" }),
  }));
});

describe("a cursor", () => {
  each("invalid_cursor", "that leads nowhere", () => ({
    ...plainly("invalid_cursor", "live", (asked) => withQuery(asked, "cursor=nowhere")),
    "fleet.wait": { path: "/wait", body: { cursor: "nowhere" } },
  }));
});

describe("many sessions", () => {
  each("no_sessions", "of which there are none", () => ({
    "sessions.idle_any": { path: "/idle?timeout_ms=0&tag=of-nobody" },
    "fleet.wait": { path: "/wait", body: { select: { tags: ["of-nobody"] } } },
  }));
});

describe("a create", () => {
  /** Of one that lives only as long as `story`. */
  async function beside(where: Where, made: Ask, story: () => Promise<Answer>): Promise<Answer> {
    const { status, json } = await ask(where, made);
    assert.equal(status, 201, JSON.stringify(json));
    try {
      return await story();
    } finally {
      for (let once = 0; once < 2; once += 1) await ask(where, { method: "DELETE", path: `/sessions/${json.id}` });
    }
  }
  const sleeping = { argv: ["/bin/sleep", "1000"] };

  each("session_create_failed", "of a program that is none", () => ({
    "sessions.create": creating({ argv: ["/no/such/program"] }),
  }));
  each("preset_not_found", "of a preset that is none", () => ({
    "sessions.create": creating({ preset: "no-such-preset" }),
  }));
  each("max_sessions_reached", "beyond the last", () => ({
    "sessions.create": (where) => beside(where, creating(sleeping), () => ask(where, creating(sleeping))),
  }));
  each("idempotency_conflict", "under a key that came with another body", () => {
    const keyed = (body: object): Ask => ({ ...creating(body), headers: { "idempotency-key": "once" } });
    const other = keyed({ ...sleeping, tags: ["other"] });
    return { "sessions.create": (where) => beside(where, keyed(sleeping), () => ask(where, other)) };
  });
});

describe("what is typed", () => {
  each("screen_changed", "into a screen that is not there any more", () => ({
    "sessions.input": to("raw/input?if_epoch=999", "x"),
    "sessions.keys": to("raw/keys", { keys: ["x"], if_generation: 999 }),
    "sessions.paste": to("raw/paste", { text: "x", if_epoch: 999 }),
    "sessions.run": IN_RUN,
    "sessions.secret": to("secret/secret", { value: "x", if_epoch: 999 }),
  }));
  each("input_id_conflict", "under an id that is taken", () => ({
    "sessions.input": to("raw/input?input_id=taken", "y"),
    "sessions.keys": to("raw/keys", { keys: ["x"], input_id: "taken" }),
    "sessions.paste": to("raw/paste", { text: "x", input_id: "taken" }),
    "sessions.run": IN_RUN,
    "sessions.secret": to("raw/secret", { value: "x", input_id: "taken" }),
  }));
  each("invalid_key", "as a key that has no such name", () => ({
    "sessions.keys": to("raw/keys", { keys: ["Dwon"] }),
  }));
  each("paste_not_bracketed", "as a paste in brackets that nobody asked for", () => ({
    "sessions.paste": to("raw/paste", { text: "x", bracketed: "require" }),
  }));
  each("line_too_long", "as a line that the kernel would cut", () => ({
    "sessions.paste": to("lines/paste", { text: "x".repeat(4_096) }),
    "sessions.run": IN_RUN,
  }));
  each("not_a_shell", "as a command for what is none", () => plainly("not_a_shell", "live"));
  each("session_busy", "as a command while another one runs", () => ({ "sessions.run": IN_RUN }));
  each("command_not_found", "of a command that was never run", () => {
    const command = "cmd_01M86YT9RVK3H58PY09G4NGP3Q";
    return {
      "sessions.wait": to("live/wait", { until: { command } }),
      "sessions.run": to("live/run", { resume: command }),
      "sessions.output": { path: `/sessions/over/output?command=${command}` },
    };
  });
  each("not_secret_prompt", "as a secret that would be shown", () => plainly("not_secret_prompt", "lines"));
  each("secret_prompt", "as a paste into a prompt for a secret", () => ({
    "sessions.paste": to("secret/paste", { text: "x" }),
  }));
});

describe("a lease", () => {
  each("lease_held", "that somebody else has", () => ({ ...plainly("lease_held", "held"), "sessions.run": IN_RUN }));
  each("lease_lost", "that there is no more", () => ({
    "sessions.lease": to("held/lease", { lease: "lea_before" }),
    "sessions.input": to("held/input?lease=lea_before", "x"),
    "sessions.keys": to("held/keys", { keys: ["x"], lease: "lea_before" }),
    "sessions.paste": to("raw/paste", { text: "x", lease: "lea_before" }),
    "sessions.resize": to("raw/resize", { rows: 5, cols: 5, lease: "lea_before" }),
    "sessions.secret": to("secret/secret", { value: "x", lease: "lea_before" }),
    "sessions.run": IN_RUN,
  }));
});

describe("an element", () => {
  const unknown = (kind: "overlays" | "panels") =>
    Object.fromEntries(namesOne(kind).map((name) => [name, elementAsk(name, "live")]));
  const long = [{ text: "x".repeat(65 * 1024) }];
  const painting = (name: ElementOperation, body: object) => async (where: Where) => {
    const kind = name.startsWith("sessions.overlays") ? "overlay" : "panel";
    const made = { overlay: { x: 0, y: 0, width: 1, height: 1, spans: [] }, panel: { position: "top", height: 1 } };
    const { json } = await ask(where, { path: `/sessions/held/${kind}`, body: made[kind] });
    const answer = await ask(where, { ...elementAsk(name, "held", json.id), body });
    await ask(where, { method: "DELETE", path: `/sessions/held/${kind}/${json.id}` });
    return answer;
  };

  each("overlay_not_found", "that is not there", () => unknown("overlays") as Cells<"overlay_not_found">);
  each("panel_not_found", "that is not there", () => unknown("panels") as Cells<"panel_not_found">);
  each("invalid_overlay", "that would hold too much", () => ({
    "sessions.overlays.replace": painting("sessions.overlays.replace", { spans: long }),
    "sessions.overlays.spans": painting("sessions.overlays.spans", { spans: long }),
    "sessions.overlays.write": painting("sessions.overlays.write", { writes: [{ row: 0, col: 0, ...long[0] }] }),
    "sessions.panels.replace": painting("sessions.panels.replace", { position: "top", height: 1, z: 0, spans: long }),
    "sessions.panels.patch": painting("sessions.panels.patch", { spans: long }),
    "sessions.panels.spans": painting("sessions.panels.spans", { spans: long }),
    "sessions.panels.write": painting("sessions.panels.write", { writes: [{ row: 0, col: 0, ...long[0] }] }),
  }));
  each("not_focusable", "that was not made for the focus", () => ({
    "sessions.focus": async (where) => {
      const body = { position: "top", height: 0 };
      const { json } = await ask(where, { path: "/sessions/held/panel", body });
      const answer = await ask(where, elementAsk("sessions.focus", "held", json.id));
      await ask(where, { method: "DELETE", path: `/sessions/held/panel/${json.id}` });
      return answer;
    },
  }));
  each("not_in_alt_screen", "of a screen mode that is not there", () => plainly("not_in_alt_screen", "held"));
  each("already_in_alt_screen", "of a screen mode that is there already", () => ({
    "sessions.enter_alt": async (where) => {
      await ask(where, elementAsk("sessions.enter_alt", "held"));
      const answer = await ask(where, elementAsk("sessions.enter_alt", "held"));
      await ask(where, elementAsk("sessions.exit_alt", "held"));
      return answer;
    },
  }));
});

describe("what is read", () => {
  each("invalid_format", "in a form that is none", () =>
    plainly("invalid_format", "live", (asked) => withQuery(asked, "format=xml")),
  );
  each("idle_timeout", "once it is quiet, which it was not in time", () => ({
    "sessions.idle": { path: "/sessions/live/idle?timeout_ms=300000&max_wait_ms=0" },
    "sessions.idle_any": { path: "/idle?timeout_ms=300000&max_wait_ms=0" },
  }));
  each("invalid_pattern", "up to a pattern that is none", () => ({
    "sessions.wait": to("live/wait", { until: { pattern: { regex: "(", on: "output" } } }),
    "secrets.set": keeping({ value: "hunter2", prompt: "(" }),
    "fleet.wait": { path: "/wait", body: { select: { on: "*" }, until: { pattern: { regex: "(", on: "output" } } } },
  }));
  each("upgrade_required", "as a stream, without an upgrade", () => ({
    "sessions.watch": { path: "/sessions/live/ws/raw" },
    "sessions.socket": { path: "/sessions/live/ws/json" },
    "fleet.socket": { path: "/ws/json" },
  }));
});

describe("a login ticket", () => {
  const redeeming = (headers: Record<string, string> = {}): Ask => ({
    ...{ path: "/auth/session", body: { ticket: "guessed" }, headers },
  });
  let address = 0;

  each("auth_required", "that is unknown", () => ({ "auth.session": redeeming() }));
  // Whoever opens the unix socket need not guess, and is never counted.
  each("rate_limited", "that was guessed too often from one address", () => ({
    "auth.session": async () => {
      const guess = redeeming({ "x-forwarded-for": `192.0.2.${++address}` });
      for (let count = 0; count < 20; count += 1) await server.askTcp(guess, "");
      return server.askTcp(guess, "");
    },
  }));
});
