// What is asked on the JSON WebSockets, and how it is answered: every method, the order of answers, what can be cancelled,
// what is refused and how; on a session's own socket and on the fleet's.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HubCalls } from "@fleetty/hub/calls";
import { JsonClient, type Message } from "./harness/json-client.ts";
import { OwnFaces } from "./harness/own-faces.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;
let started = 0;

before(async () => {
  server = await startServer({ tcp: true, args: ["--hostname", "here"] });
});

after(() => server[Symbol.asyncDispose]());

/** A shell at its prompt. */
async function shell(): Promise<TestSession> {
  started += 1;
  const session = await TestSession.start(server.socketPath, `shell-${started}`, { argv: ["/bin/bash", "--norc"] });
  await session.ask("/wait", { body: { until: { attention: ["ready"] } } });
  return session;
}

const ofSession = (name: string) => JsonClient.open(server.socketPath, `/sessions/${name}/ws/json`);
const ofFleet = (query = "") => JsonClient.open(server.socketPath, `/ws/json${query}`);

describe("a session's socket", () => {
  it("greets, echoes ids of any kind, and answers what is no request without closing", async () => {
    const client = await ofSession((await shell()).name);
    for (const id of [1, "one", { deep: [true] }, false]) client.say({ id, method: "get_input_nothing" });
    for (const id of [undefined, null]) client.say({ id, method: "resize", params: { cols: 90, rows: 30 } });
    for (const text of ["", "{", "[]", "7", '{"id":1}', '{"method":7}', `${"[".repeat(70)}${"]".repeat(70)}`])
      client.say(text);
    client.socket.send(Buffer.from('{"method":"get_screen"}'));
    await client.result("get_screen");
    const [hello, ...others] = client.messages;
    assert.deepEqual(hello, { connected: true });
    const ids = others.slice(0, 4);
    assert.deepEqual(
      ids.map(({ id, method, error }) => [id, method, error.code]),
      [1, "one", { deep: [true] }, false].map((id) => [id, "get_input_nothing", "unknown_method"]),
    );
    assert.deepEqual(others.slice(4, 6), Array(2).fill({ method: "resize", result: {} }));
    const refusals = others.slice(6, 13);
    assert.deepEqual(new Set(refusals.map((one) => Object.keys(one).join())), new Set(["error"]));
    assert.deepEqual(new Set(refusals.map(({ error }) => error.code)), new Set(["invalid_request"]));
    assert.equal(others.length, 14);
    for (const [length, code] of [
      [1_022, "unknown_method"],
      [1_023, "invalid_request"],
    ] as const) {
      const id = "i".repeat(length);
      client.say({ id, method: "get_input_nothing" });
      assert.equal((await client.answer(id))["error"].code, code);
    }
    client.close();
  });

  it("reads the screen and the lines above it as they are read over HTTP", async () => {
    const session = await shell();
    await session.type("printf '\\e[1mloud\\e[0m\\n'\n");
    await session.shows("^loud");
    const client = await ofSession(session.name);
    await session.ask("/idle?timeout_ms=200");
    const { last_activity_ms: _, ...screen } = (await session.ask("/screen")).json;
    assert.deepEqual(await client.result("get_screen"), screen);
    assert.deepEqual(await client.result("get_screen", { since_epoch: screen.epoch }), {
      ...{ epoch: screen.epoch, unchanged: true, generation: screen.generation, offset: screen.offset },
    });
    const plain = await client.result("get_screen", { format: "plain", ignored: 1 });
    assert.ok(plain.lines.includes("loud"));
    const lines = (await session.ask("/scrollback?offset=-2&limit=1")).json;
    assert.deepEqual(await client.result("get_scrollback", { offset: -2, limit: 1 }), lines);
    assert.equal((await client.refusal("get_screen", { format: "html" })).code, "invalid_request");
    client.close();
  });

  it("types texts and bytes once, in the order in which they were sent", async () => {
    const session = await shell();
    const client = await ofSession(session.name);
    for (let n = 0; n < 20; n += 1) client.say({ method: "send_input", params: { data: `x${n} `, encoding: "utf8" } });
    // Before Ctrl+C, with which a terminal drops what its program has not read yet.
    await session.shows("x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 x19");
    const bytes = Buffer.from("\x15echo gr\xfc\xdf\n", "latin1").toString("base64");
    assert.deepEqual(Object.keys(await client.result("send_input", { data: "Aw==", encoding: "base64" })).sort(), [
      ...["generation", "offset"],
    ]);
    const typed = { data: "echo 'once'\n", encoding: "utf8", input_id: "a1" };
    const first = await client.result("send_input", typed);
    assert.deepEqual(await client.result("send_input", typed), { ...first, duplicate: true });
    await client.result("send_input", { data: bytes, encoding: "base64" });
    for (const params of [{}, { data: 1 }, { data: "%", encoding: "base64" }, { data: "a", encoding: "latin1" }])
      assert.equal((await client.refusal("send_input", params)).code, "invalid_request");
    client.close();
  });

  it("answers the methods of newer operations with their results, and refuses what they do not know", async () => {
    const session = await shell();
    const client = await ofSession(session.name);
    const ran = await client.result("run", { command: "echo a word" });
    assert.deepEqual([ran.reason, ran.exit_code, ran.output], ["command", 0, "a word\n"]);
    assert.equal((await client.result("get_output", { command: ran.command })).text.trim(), "a word");
    assert.equal((await client.result("keys", { keys: ["C-c"] })).bytes, 1);
    assert.equal((await client.result("wait", { until: { attention: ["ready"] } })).reason, "ready");
    assert.equal((await client.result("explain")).attention, "ready");
    const pasted = await client.result("paste", { text: "true", enter: true });
    assert.deepEqual(
      (await client.result("wait", { until: { idle: { timeout_ms: 50 } }, since: pasted })).reason,
      "idle",
    );
    const lease = await client.result("lease", {});
    assert.equal((await client.refusal("send_input", { data: "a" })).code, "lease_held");
    assert.deepEqual(await client.result("release_lease", { lease: lease.id }), {});
    assert.deepEqual((await client.result("signal", { signal: "WINCH" })).signal, "SIGWINCH");
    assert.equal((await client.refusal("secret", { value: "hunter2" })).code, "not_secret_prompt");
    assert.equal((await client.refusal("keys", { keys: ["a"], if_epoc: 8 })).code, "invalid_request");
    assert.equal((await client.refusal("keys", { keys: ["a"], session: "other" })).code, "invalid_request");
    client.close();
  });

  it("paints overlays and panels, and says where keys go", async () => {
    const session = await shell();
    const client = await ofSession(session.name);
    const place = { x: 1, y: 2, width: 10, height: 1 };
    const { id } = await client.result("create_overlay", {
      ...place,
      spans: [{ text: "a", id: "s" }],
      focusable: true,
    });
    const { id: panel } = await client.result("create_panel", {
      position: "bottom",
      height: 2,
      spans: [{ text: "p" }],
    });
    assert.equal((await client.result("get_screen")).rows, 22);
    assert.deepEqual(await client.result("update_overlay_spans", { id, spans: [{ text: "b", id: "s" }] }), {});
    assert.deepEqual(await client.result("overlay_region_write", { id, writes: [{ row: 0, col: 3, text: "w" }] }), {});
    assert.deepEqual(await client.result("patch_overlay", { id, x: 4 }), {});
    const overlay = await client.result("get_overlay", { id });
    assert.deepEqual([overlay.x, overlay.spans[0].text, overlay.region_writes[0].text], [4, "b", "w"]);
    assert.deepEqual(await client.result("list_overlays"), [overlay]);
    const batch = { id, type: "overlay", spans: [{ text: "c", id: "s" }], writes: [{ row: 0, col: 0, text: "z" }] };
    assert.deepEqual(await client.result("batch_update", batch), {});
    const { spans, region_writes } = await client.result("get_overlay", { id });
    assert.deepEqual([spans[0].text, region_writes.map(({ text }: Message) => text)], ["c", ["z"]]);
    assert.equal((await client.refusal("batch_update", { ...batch, id: "no" })).code, "overlay_not_found");
    const { code, message } = await client.refusal("batch_update", { ...batch, type: "window" });
    assert.deepEqual([code, message.split(":")[0]], ["invalid_request", "type"]);
    assert.deepEqual(await client.result("update_overlay", { id, spans: [{ text: "d" }] }), {});
    const whole = { position: "top", height: 1, z: 0, spans: [{ text: "q", id: "s" }] };
    assert.deepEqual(await client.result("update_panel", { id: panel, ...whole }), {});
    assert.deepEqual(await client.result("update_panel_spans", { id: panel, spans: [{ text: "r", id: "s" }] }), {});
    assert.deepEqual(await client.result("panel_region_write", { id: panel, writes: [] }), {});
    assert.deepEqual(await client.result("patch_panel", { id: panel, height: 3 }), {});
    const { position, height, visible } = await client.result("get_panel", { id: panel });
    assert.deepEqual([position, height, visible], ["top", 3, true]);
    assert.equal((await client.result("list_panels")).length, 1);
    assert.deepEqual(await client.result("focus", { id }), {});
    assert.deepEqual(await client.result("get_focus"), { focused: id });
    assert.deepEqual(await client.result("unfocus"), {});
    assert.deepEqual(await client.result("capture_input"), {});
    assert.deepEqual(await client.result("get_input_mode"), { mode: "capture" });
    assert.deepEqual(await client.result("release_input"), {});
    assert.deepEqual(await client.result("enter_alt_screen"), {});
    assert.deepEqual(await client.result("get_screen_mode"), { mode: "alt" });
    assert.equal((await client.refusal("enter_alt_screen")).code, "already_in_alt_screen");
    assert.deepEqual(await client.result("exit_alt_screen"), {});
    assert.deepEqual(await client.result("delete_overlay", { id }), {});
    assert.deepEqual(await client.result("clear_overlays"), {});
    assert.deepEqual(await client.result("delete_panel", { id: panel }), {});
    assert.deepEqual(await client.result("clear_panels"), {});
    assert.deepEqual([await client.result("list_panels"), (await client.result("get_screen")).rows], [[], 24]);
    client.close();
  });

  it("goes on answering while something is waited for; a second await_idle ends the first", async () => {
    const client = await ofSession((await shell()).name);
    const idle = { timeout_ms: 300_000, max_wait_ms: 300_000 };
    client.say({ id: "first", method: "await_idle", params: idle });
    client.say({ id: "second", method: "await_quiesce", params: idle });
    const { screen, scrollback_lines, ...rest } = await client.result("await_idle", { timeout_ms: 0, max_wait_ms: 0 });
    assert.deepEqual(
      [screen.lines.length, scrollback_lines, Object.keys(rest)],
      [24, screen.total_lines, ["generation"]],
    );
    for (const id of ["first", "second"]) {
      const { error } = await client.answer(id);
      assert.equal(error.code, "idle_superseded");
    }
    assert.equal((await client.refusal("await_idle", { timeout_ms: 300_000, max_wait_ms: 1 })).code, "idle_timeout");
    assert.equal((await client.refusal("await_idle", {})).code, "invalid_request");
    client.close();
  });

  it("cancels what is waited for: with how things are, and never by typing what had not been typed", async () => {
    const session = await shell();
    const client = await ofSession(session.name);
    client.say({ id: "idle", method: "await_idle", params: { timeout_ms: 300_000 } });
    client.say({ id: "wait", method: "wait", params: { until: { exit: true } } });
    client.say({ id: "run", method: "run", params: { command: "echo begun; read word" } });
    await session.shows("^begun");
    client.say({ id: "late", method: "run", params: { command: "touch never", ready_wait_ms: 300_000 } });
    for (const id of ["idle", "wait", "late", "run", "nobody"]) client.say({ method: "cancel", params: { id } });
    assert.equal((await client.answer("idle")).error.code, "idle_superseded");
    assert.equal((await client.answer("wait")).result.reason, "timeout");
    assert.equal((await client.answer("late")).error.code, "idle_superseded");
    const { result: run } = await client.answer("run");
    assert.deepEqual([run.timed_out || run.reason === "needs_input", run.output], [true, "begun\n"]);
    await client.result("send_input", { data: "done\n" });
    assert.equal((await client.result("run", { resume: run.command })).reason, "command");
    assert.doesNotMatch((await session.output(0)).toString(), /never/);
    client.close();
  });

  it("is counted, stays bound to its session through renames, and is closed when that has ended", async () => {
    const session = await shell();
    const client = await ofSession(session.name);
    assert.equal((await session.info()).clients, 1);
    await session.ask("", { method: "PATCH", body: { name: `${session.name}-renamed` } });
    client.say({ id: "end", method: "wait", params: { until: { exit: true } } });
    await client.result("send_input", { data: "exit 3\n" });
    assert.deepEqual(await client.end(), { code: 1000, reason: "session ended" });
    assert.deepEqual((await client.answer("end")).result.exit, { code: 3 });
    const { status, json } = await JsonClient.refused(server.socketPath, `/sessions/${session.name}-renamed/ws/json`);
    assert.deepEqual([status, json.error.code], [409, "session_exited"]);
    assert.equal((await server.ask({ path: "/sessions/nobody/ws/json" })).status, 426);
  });
});

describe("the fleet's socket", () => {
  it("wants a session for what is about one, and none for the rest", async () => {
    const session = await shell();
    const client = await ofFleet();
    assert.equal((await client.refusal("get_screen")).code, "session_required");
    assert.equal((await client.refusal("nothing_known")).code, "session_required");
    assert.equal((await client.refusal("nothing_known", {}, { session: session.name })).code, "unknown_method");
    assert.equal((await client.refusal("get_screen", {}, { session: "nobody" })).code, "session_not_found");
    assert.equal((await client.refusal("get_screen", {}, { session: 7 } as never)).code, "invalid_request");
    assert.equal(
      (await client.refusal("get_screen", {}, { session: session.name, server: "nowhere" })).code,
      "server_not_found",
    );
    const { id } = await session.info();
    for (const about of [{ session: session.name }, { session: id }, { session: session.name, server: "here" }])
      assert.equal((await client.result("get_screen", {}, about)).rows, 24);
    client.close();
  });

  it("makes, lists, renames, tags and ends sessions, and tells everybody so", async () => {
    const [client, other] = [await ofFleet(), await ofFleet()];
    const made = await client.result("create_session", {
      name: "made",
      argv: [fixture("read-nothing")],
      tags: ["b", "a"],
    });
    assert.deepEqual(made, { name: "made", tags: ["a", "b"], server: "here", id: made.id });
    const listed = await client.result("list_sessions", { tag: ["a"] });
    assert.deepEqual(
      listed.map(({ id }: { id: string }) => id),
      [made.id],
    );
    assert.deepEqual(await client.result("rename_session", { name: "made", new_name: "named" }), {
      ...{ name: "named", tags: ["a", "b"] },
    });
    assert.equal((await client.refusal("rename_session", { name: "named" })).code, "invalid_request");
    const tagged = await client.result("update_tags", { session: "named", add: ["c"], remove: ["a"] });
    assert.deepEqual(tagged.tags, ["b", "c"]);
    assert.equal((await client.refusal("update_tags", { session: "named", add: ["no tag"] })).code, "invalid_request");
    assert.deepEqual(await client.result("detach_session", { name: "named" }), {});
    assert.deepEqual(await client.result("kill_session", { name: "named" }), {});
    assert.equal((await client.refusal("kill_session", { name: "named" })).code, "session_not_found");
    assert.match((await client.refusal("kill_session", { session: "named" })).message, /^name: /);
    assert.match((await client.refusal("update_tags", { session: "named", add: "a" })).message, /^add: /);
    const of = { server: "here", id: made.id };
    const told = [
      ["session_created", { name: "made", ...of }],
      ["session_renamed", { old_name: "made", new_name: "named", ...of }],
      ["session_tags_changed", { name: "named", added: ["c"], removed: [], ...of }],
      ["session_tags_changed", { name: "named", added: [], removed: ["a"], ...of }],
      ["session_destroyed", { name: "named", ...of, exit: { signal: "SIGKILL" } }],
    ];
    for (const { messages } of [client, other]) {
      const about = (): Message[] => messages.filter(({ params }) => params?.id === made.id);
      await waitUntil("all is told", () => about().length >= told.length, { seen: about });
      assert.deepEqual(
        about().map(({ event, params }) => [event, params]),
        told,
      );
    }
    const [{ cursor }] = other.messages.filter(({ params }) => params?.id === made.id);
    const later = await ofFleet(`?cursor=${cursor}`);
    await later.event("session_destroyed");
    assert.deepEqual(
      later.messages.slice(1, 5).map(({ event }) => event),
      told.slice(1).map(([event]) => event),
    );
    for (const one of [client, other, later]) one.close();
  });

  it("waits for many, and lists the servers", async () => {
    const session = await shell();
    const { name, id } = await session.info();
    const client = await ofFleet();
    assert.deepEqual(
      (await client.result("list_servers")).map(({ address }: { address: string }) => address),
      ["local"],
    );
    const waited = await client.result("wait_fleet", {
      select: { sessions: [name] },
      until: { idle: { timeout_ms: 0 } },
    });
    assert.deepEqual(
      waited.events.map((event: { id: string }) => event.id),
      [id],
    );
    client.say({ id: "any", method: "await_idle_any", params: { timeout_ms: 300_000 } });
    client.say({ method: "cancel", params: { id: "any" } });
    assert.equal((await client.answer("any")).error.code, "idle_superseded");
    assert.equal((await client.result("await_idle", { timeout_ms: 0 }, { session: id })).screen.rows, 24);
    client.close();
  });
});

describe("a token", () => {
  async function opened(path: string, rights: object): Promise<{ client: JsonClient; id: string }> {
    const { json } = await server.ask({ path: "/tokens", body: { name: `token-${++started}`, ...rights } });
    const { host, port } = await server.tcp();
    const headers = { authorization: `Bearer ${json.token}` };
    const client = new JsonClient(`ws://${host}:${port}${path}`, { headers });
    await client.until("it is greeted", ({ connected }) => connected);
    return { client, id: json.id };
  }

  it("may do by a socket what it may do without, and the socket ends with it", async () => {
    const session = await shell();
    const { client, id } = await opened(`/sessions/${session.name}/ws/json`, { verbs: ["observe"] });
    assert.deepEqual(await client.result("subscribe", { events: ["lines"] }), { events: ["lines"] });
    for (const [method, params] of [
      ["send_input", { data: "x" }],
      ["batch_update", { id: "e", type: "overlay" }],
      ["signal", { signal: "INT" }],
    ] as const)
      assert.equal((await client.refusal(method, params)).code, "forbidden", method);
    client.say({ id: "waits", method: "wait", params: { until: { exit: true } } });
    await server.ask({ path: `/tokens/${id}`, method: "DELETE" });
    assert.deepEqual(await client.end(), { code: 4401, reason: "credential ended" });
    assert.equal((await session.info()).clients, 0);
  });

  it("sees and hears only of what it may observe, and of a session that leaves its sight no more", async () => {
    const { client } = await opened("/ws/json", { verbs: ["observe"], tags: ["mine"] });
    const other = await shell();
    const { json: mine } = await server.ask({ path: "/sessions", body: { argv: [fixture("say")], tags: ["mine"] } });
    assert.equal((await client.event("session_created")).params.id, mine.id);
    assert.deepEqual(
      (await client.result("list_sessions")).map(({ id }: Message) => id),
      [mine.id],
    );
    for (const method of ["get_screen", "subscribe"])
      assert.equal((await client.refusal(method, { events: [] }, { session: other.name })).code, "session_not_found");
    const own = await opened(`/sessions/${mine.id}/ws/json`, { verbs: ["observe"], tags: ["mine"] });
    await client.result("subscribe", { events: ["lines"] }, { session: mine.id });
    await server.ask({ path: `/sessions/${mine.id}`, method: "PATCH", body: { remove_tags: ["mine"] } });
    assert.equal((await own.client.end()).code, 1011);
    assert.equal((await server.ask({ path: `/sessions/${mine.id}` })).json.clients, 0);
    assert.equal((await client.refusal("get_screen", {}, { session: mine.id })).code, "session_not_found");
    client.close();
  });
});

describe("the TypeScript client and the command line", () => {
  it("ask on a socket, and are told what comes", async () => {
    const session = await shell();
    using client = server.client();
    const socket = client.sessions.socket({ session: session.name });
    assert.deepEqual(await socket.request("subscribe", { events: ["lines"] }), { events: ["lines"] });
    await assert.rejects(socket.request("keys", { keys: ["Nothing"] }), { code: "invalid_key" });
    const seen: unknown[] = [];
    for await (const frame of socket) {
      seen.push(frame["event"] ?? frame);
      if (frame["event"] === "sync") await socket.request("send_input", { data: "exit\n" });
    }
    assert.deepEqual(seen.slice(0, 2), [{ connected: true }, "sync"]);
    await assert.rejects(socket.request("get_screen"), { code: "server_unavailable" });
    await assert.rejects(client.sessions.socket({ session: "nobody" }).request("get_screen"), {
      code: "session_not_found",
    });
    const fleet = client.fleet.socket();
    const listed = (await fleet.request("list_sessions")) as Message[];
    assert.ok(listed.every(({ server: name }) => name === "here"));
    fleet.close();
    await assert.rejects(fleet.request("list_sessions"), { code: "cancelled" });
  });

  it("ends when everything that was said is answered", async () => {
    const { name } = await shell();
    const stdin =
      '{"id":1,"method":"get_screen"}\n\n{"id":2,"method":"wait","params":{"until":{"idle":{"timeout_ms":10}}}}\nno JSON\n';
    const own = await server.fleetty(["socket", name], { stdin });
    const lines = own.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual([own.code, own.stderr, lines[0]], [0, "", { connected: true }]);
    assert.deepEqual(
      lines
        .slice(1)
        .map(({ id, error }) => id ?? error.code)
        .sort(),
      [1, 2, "invalid_request"],
    );
    const all = await server.fleetty(["socket"], { stdin: '{"method":"list_servers"}' });
    assert.equal(JSON.parse(all.stdout.trim().split("\n").at(-1) ?? "").result[0].address, "local");
    const none = await server.fleetty(["socket", "nobody"], { stdin });
    assert.deepEqual([none.code, none.stdout], [4, ""]);
  });
});

describe("an upgrade", () => {
  it("that is ready when the server stops is refused", async () => {
    const asked = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const announce = async () => {
      asked.resolve();
      await stopped.promise;
      return { close() {} };
    };
    const faces = await OwnFaces.open({ announce } as unknown as HubCalls);
    await using _ = faces;
    const refused = JsonClient.refused(faces.socketPath, "/ws/json");
    await asked.promise;
    const closed = faces.close(10_000);
    stopped.resolve();
    assertRefused(await refused, "not_ready");
    await closed;
  });
});
