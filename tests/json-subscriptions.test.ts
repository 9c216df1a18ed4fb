// What subscribers of the JSON WebSockets are told: the screen as it is and then what changes, quiet and activity, raw output,
// what passes in a session, and its end; how often, in which order, and what of it to who reads slowly.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { JsonClient, type Message } from "./harness/json-client.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession, type TestSessionOptions } from "./harness/session.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;
let started = 0;

before(async () => {
  server = await startServer({ args: ["--hostname", "here"] });
});

after(() => server[Symbol.asyncDispose]());

function begin(options: TestSessionOptions): Promise<TestSession> {
  started += 1;
  return TestSession.start(server.socketPath, `told-${started}`, options);
}

/** Prints each line that is typed, as a format of printf. */
const beginSaying = (options: Partial<TestSessionOptions> = {}) =>
  begin({ argv: [fixture("say")], ready: "ready", ...options });
const ofSession = (name: string) => JsonClient.open(server.socketPath, `/sessions/${name}/ws/json`);
const ofFleet = () => JsonClient.open(server.socketPath, "/ws/json");

const textOf = (line: Message) => (typeof line === "string" ? line : line.map(({ text }: Message) => text).join(""));

/** The screen as a client has it that applies what it is told. */
function drawn(messages: readonly Message[]): string[] {
  let rows: string[] = [];
  for (const message of messages) {
    if (message.event === "sync") rows = (message.params ?? message).screen.lines.map(textOf);
    if (message.event === "reset") rows = [];
    if (message.event === "line") rows[message.index] = textOf(message.line);
  }
  return rows;
}

async function assertDraws(client: JsonClient, session: TestSession): Promise<void> {
  const shown = async () => (await session.ask("/screen?format=plain")).json.lines as string[];
  await waitUntil(
    "the client's screen is that of the session",
    async () => {
      return JSON.stringify(drawn(client.messages)) === JSON.stringify(await shown());
    },
    { seen: async () => [drawn(client.messages), await shown()] },
  );
}

describe("who subscribes", () => {
  it("is answered, told the screen, told how the session is, and then what changes", async () => {
    const session = await beginSaying();
    await session.ask("/idle?timeout_ms=100");
    const client = await ofSession(session.name);
    const events = ["lines", "cursor", "mode", "chars"];
    await client.result("subscribe", { events, interval_ms: 0, idle_timeout_ms: 50, format: "plain" });
    await client.event("idle");
    const [, reply, sync, idle, ...others] = client.messages;
    assert.deepEqual([reply.result, others], [{ events }, []]);
    const { screen, scrollback_lines, ...rest } = sync;
    assert.deepEqual([rest, scrollback_lines], [{ event: "sync", seq: 0 }, screen.total_lines]);
    assert.deepEqual((await session.ask("/screen?format=plain")).json.lines, screen.lines);
    assert.deepEqual({ ...idle, event: "sync" }, { ...sync, generation: screen.generation });
    await session.type("a word\n");
    await session.shows("a word");
    await assertDraws(client, session);
    const { generation } = await session.info();
    await client.until("it is idle again", (message) => message.event === "idle" && message.generation === generation);
    const told = client.messages.slice(4);
    const states = told.filter(({ event }) => event === "running" || event === "idle").map(({ event }) => event);
    assert.deepEqual(
      states,
      states.map((_, at) => (at % 2 === 0 ? "running" : "idle")),
    );
    assert.deepEqual(new Set(told.map(({ event }) => event)), new Set(["running", "line", "cursor", "idle"]));
    const line = told.find(({ event }) => event === "line");
    assert.deepEqual(Object.keys(line), ["event", "seq", "index", "total_lines", "line"]);
    assert.ok(Array.isArray(line.line));
    const cursor = told.findLast(({ event }) => event === "cursor");
    assert.deepEqual(Object.keys(cursor), ["event", "seq", "row", "col", "visible"]);
    const seqs = told.filter(({ seq }) => seq > 0).map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      seqs.map((_, at) => at + 1),
    );
    client.close();
  });

  it("hears of another buffer and another size before the lines of those", async () => {
    const session = await beginSaying();
    const client = await ofSession(session.name);
    await client.result("subscribe", { events: ["lines", "mode", "diffs"], interval_ms: 0 });
    await session.type("\\033[?1049hover there\n");
    await client.until("the other buffer's line is told", ({ line }) => line && textOf(line).includes("over there"));
    const entered = client.messages.slice(3);
    assert.deepEqual(
      entered.slice(0, 2).map(({ seq: _, ...event }) => event),
      [
        { event: "mode", alternate_active: true },
        { event: "reset", reason: "alternate_screen_enter" },
      ],
    );
    await assertDraws(client, session);
    const diff = client.events("diff").at(-1);
    assert.deepEqual(Object.keys(diff), ["event", "seq", "epoch", "changed_lines", "screen"]);
    assert.deepEqual([diff.screen.epoch, diff.screen.alternate_active], [diff.epoch, true]);
    await session.type("\\033[?1049l\n");
    await client.until("it is left", ({ reason }) => reason === "alternate_screen_exit");
    await session.resize({ rows: 10, cols: 40 });
    await client.until("the size is told", ({ reason }) => reason === "resize");
    await assertDraws(client, session);
    client.close();
  });

  it("may ask anew, for nothing too, and is refused what there is not", async () => {
    const session = await beginSaying();
    const client = await ofSession(session.name);
    for (const params of [
      {},
      { events: "lines" },
      { events: ["line"] },
      { events: [], interval_ms: 10_001 },
      { events: [], interval_ms: -1 },
      { events: [], format: "html" },
      { events: [], idle_timeout_ms: "1" },
    ])
      assert.equal((await client.refusal("subscribe", params)).code, "invalid_request", JSON.stringify(params));
    await client.result("subscribe", { events: ["lines"], interval_ms: 0 });
    await client.result("subscribe", { events: ["diffs"], interval_ms: 0 });
    await session.type("one\n");
    await client.event("diff");
    assert.deepEqual(client.events("line"), []);
    assert.deepEqual(await client.result("subscribe", { events: [] }), { events: [] });
    const was = client.messages.length;
    await session.type("two\n");
    await session.shows("two");
    await client.result("get_screen");
    assert.equal(client.messages.length, was + 1);
    client.close();
  });

  it("hears of each burst once, whatever comes within it", async () => {
    const session = await beginSaying();
    const client = await ofSession(session.name);
    await client.result("subscribe", { events: ["activity"], quiesce_ms: 300 });
    await client.event("idle");
    for (let burst = 1; burst <= 3; burst += 1) {
      for (let n = 0; n < 5; n += 1) await session.type(`${burst}.${n}\n`);
      await waitUntil("it is quiet again", () => client.events("idle").length === burst + 1);
    }
    const told = client.messages
      .filter(({ event }) => event === "idle" || event === "running")
      .map(({ event }) => event);
    // It may have been at work still when it was subscribed to.
    if (told[0] === "running") told.shift();
    assert.deepEqual(told, ["idle", "running", "idle", "running", "idle", "running", "idle"]);
    assert.match(client.events("idle").at(-1).screen.lines.map(textOf).join(""), /3\.4$/);
    client.close();
  });

  it("is told one message for each row and kind in the time that it asked for", async () => {
    const session = await begin({ argv: ["/bin/sh", "-c", "i=0; while :; do i=$((i+1)); printf '\\r%d' $i; done"] });
    const client = await ofSession(session.name);
    await client.result("subscribe", { events: ["lines", "cursor"], interval_ms: 200 });
    const at: number[] = [];
    client.socket.on("message", (data) => {
      if (JSON.parse(String(data)).event === "line") at.push(performance.now());
    });
    await waitUntil("some are told", () => at.length >= 6);
    const [first = 0] = at;
    // Each may come late by itself; together they are never more than so many in a time.
    assert.ok((at.at(-1) ?? 0) - first >= (at.length - 2) * 190, String(at.map((one) => one - first)));
    client.close();
    await session.kill();
  });
});

describe("raw output", () => {
  it("comes whole and by its offsets from the screen on that was told, and the exit last", async () => {
    const session = await begin({ argv: ["/bin/sh", "-c", "printf ready; read word; seq 40000"], ready: "ready" });
    const client = await ofSession(session.name);
    await client.result("subscribe", { events: ["output"], interval_ms: 50 });
    const { screen } = await client.event("sync");
    await session.type("\n");
    const output = await session.ask("/wait", { body: { until: { exit: true } } });
    assert.equal(output.json.reason, "exit");
    assert.deepEqual(await client.end(), { code: 1000, reason: "session ended" });
    const pieces = client.events("output").map(({ offset, data }) => ({ offset, bytes: Buffer.from(data, "base64") }));
    let end = screen.offset;
    for (const { offset, bytes } of pieces) {
      assert.equal(offset, end);
      end += bytes.byteLength;
    }
    const { exit, offset } = client.messages.at(-1);
    assert.deepEqual([client.messages.at(-1).event, exit, offset], ["exit", { code: 0 }, end]);
    const { id } = (await session.info()) as Message;
    const printed = await server.ask({
      path: `/sessions/${id}/output?from=${screen.offset}&format=raw&max_bytes=1048576`,
    });
    assert.ok(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(printed.body));
  });
});

describe("what passes in a session", () => {
  it("is told to who asks for it: what it wants, its commands, where keys go, elements", async () => {
    const session = await begin({ argv: ["/bin/bash", "--norc"], integration: "auto" });
    await session.ask("/wait", { body: { until: { attention: ["ready"] } } });
    const client = await ofSession(session.name);
    await client.result("subscribe", { events: ["attention"] });
    await client.result("send_input", { data: "read word\n" });
    const told = await client.until("it asks", ({ attention }) => attention === "needs_input");
    assert.deepEqual(Object.keys(told), ["event", "attention", "confidence", "epoch"]);
    await client.result("send_input", { data: "word\nexit 4\n" });
    await client.end();
    const last = client.messages.at(-1);
    assert.deepEqual([last.event, last.exit], ["exit", { code: 4 }]);
  });
});

describe("keystrokes of who is attached", () => {
  it("are told with what they are, in capture and without; where they go is told when that changes", async () => {
    const session = await begin({ argv: [fixture("read-raw")], ready: "ready" });
    const client = await ofSession(session.name);
    await client.result("subscribe", { events: ["input", "overlay"] });
    const typist = await RawViewer.open(server.socketPath, session.name, { attach: true, client: "typist" });
    typist.type(1, "\x1b[A");
    const passed = await client.event("input");
    assert.deepEqual(passed, {
      ...{ event: "input", mode: "passthrough", raw: [27, 91, 65], parsed: { key: "ArrowUp", modifiers: [] } },
    });
    await client.result("capture_input");
    assert.equal((await client.until("capture is told", ({ event }) => event === "mode")).mode, "capture");
    const place = { x: 0, y: 0, width: 4, height: 1 };
    const { id } = await client.result("create_overlay", { ...place, spans: [{ text: "o" }], focusable: true });
    await client.result("focus", { id });
    typist.type(2, "ab");
    const captured = await client.until("they are told", ({ event, mode }) => event === "input" && mode === "capture");
    assert.deepEqual([captured.raw, captured.parsed, captured.target], [[97, 98], null, id]);
    const { seq, ...created } = await client.event("overlay");
    assert.deepEqual([seq, created], [1, { event: "overlay", kind: "overlay", action: "created", id }]);
    typist.close();
    client.close();
  });
});

describe("the fleet's socket", () => {
  it("tells of each session by its present name, and of its quiet only when activity is asked for", async () => {
    const session = await beginSaying();
    const { id } = (await session.info()) as Message;
    const client = await ofFleet();
    const about = { session: session.name };
    await client.result("subscribe", { events: ["lines"], interval_ms: 0, idle_timeout_ms: 50 }, about);
    const of = { session: session.name, server: "here", id };
    const { params, ...sync } = await client.event("sync");
    assert.deepEqual([sync, Object.keys(params)], [{ event: "sync", ...of }, ["seq", "screen", "scrollback_lines"]]);
    assert.equal((await session.info()).clients, 1);
    await session.type("first\n");
    const { seq, index, line, total_lines, ...rest } = await client.event("line");
    assert.deepEqual([rest, seq, typeof index, typeof total_lines], [{ event: "line", ...of }, 1, "number", "number"]);
    await client.result("rename_session", { name: session.name, new_name: "renamed" });
    await client.result("send_input", { data: "second\n" }, { session: id });
    await client.until("its new name is told", (message) => message.event === "line" && message.session === "renamed");
    assert.deepEqual(client.events("idle"), []);
    await client.result("subscribe", { events: ["activity"], idle_timeout_ms: 50 }, { session: id });
    assert.equal((await client.event("idle")).id, id);
    assert.equal((await server.ask({ path: `/sessions/${id}` })).json.clients, 1);
    await client.result("subscribe", { events: [] }, { session: id });
    assert.equal((await server.ask({ path: `/sessions/${id}` })).json.clients, 0);
    assert.equal(
      (await client.refusal("subscribe", { events: ["lines"] }, { session: "nobody" })).code,
      "session_not_found",
    );
    client.close();
  });

  it("tells the events of the fleet to who asks for them", async () => {
    const client = await ofFleet();
    const { cursor } = await client.result("subscribe_events", { types: ["session.created"] });
    const session = await beginSaying();
    const { params } = await client.event("fleet");
    assert.deepEqual([params.type, params.session], ["session.created", session.name]);
    assert.deepEqual(await client.result("unsubscribe_events"), {});
    const again = await ofFleet();
    await again.result("subscribe_events", { cursor, types: ["session.created"] });
    assert.deepEqual((await again.event("fleet")).params, params);
    assert.equal((await again.refusal("subscribe_events", { typ: ["session."] })).code, "invalid_request");
    assert.equal((await again.refusal("subscribe_events", { cursor: "nothing" })).code, "invalid_cursor");
    assert.equal(typeof (await client.result("set_server_mode", {})).persistent, "boolean");
    for (const one of [client, again]) one.close();
  });

  it("serves a hundred subscriptions, each with what is its own", async () => {
    const client = await ofFleet();
    const sessions = await Promise.all(Array.from({ length: 100 }, () => beginSaying()));
    await Promise.all(sessions.map(({ name }) => client.result("subscribe", { events: ["lines"] }, { session: name })));
    await waitUntil("each is told", () => client.events("sync").length === 100);
    await Promise.all(sessions.map((session) => session.type(`of ${session.name}\n`)));
    for (const session of sessions) {
      const own = () => drawn(client.messages.filter((message) => message.session === session.name));
      await waitUntil("it is told what is its own", () => own().includes(`of ${session.name}`), { seen: own });
    }
    client.close();
    await Promise.all(sessions.map((session) => session.kill()));
  });
});

describe("who reads slowly", () => {
  it("is told fewer changes, declared gaps of output and the screen anew, and costs nobody else anything", async () => {
    const session = await begin({ argv: [fixture("flood")] });
    const slow = await ofSession(session.name);
    await slow.result("subscribe", { events: ["lines", "output"], interval_ms: 0 });
    const { _socket: transport } = slow.socket as unknown as { _socket: Socket };
    transport.pause();
    const end = await session.end();
    await session.printed(end + 16 * 1024 * 1024);
    const other = await ofSession(session.name);
    assert.equal((await other.result("get_screen")).rows, 24);
    transport.resume();
    const lagged = await slow.until("a gap is declared", ({ type }) => type === "lagged");
    assert.ok(lagged.skipped > 0);
    await slow.event("sync", slow.messages.indexOf(lagged));
    await session.kill();
    await slow.end();
    let next = slow.events("sync")[0].screen.offset;
    let skipped = 0;
    for (const message of slow.messages) {
      if (message.type === "lagged") skipped += message.skipped;
      if (message.event !== "output") continue;
      assert.equal(message.offset, next + skipped);
      skipped = 0;
      next = message.offset + Buffer.from(message.data, "base64").byteLength;
    }
    other.close();
  });

  it("of answers is read no further, and is closed with 1013", async () => {
    const session = await beginSaying();
    const deaf = await ofSession(session.name);
    const { _socket: transport } = deaf.socket as unknown as { _socket: Socket };
    transport.pause();
    for (let n = 0; n < 3_000; n += 1) deaf.say({ id: n, method: "get_screen" });
    await waitUntil("it is given up", async () => (await session.info()).clients === 0);
    transport.resume();
    assert.deepEqual(await deaf.end(), { code: 1013, reason: "answers were not read" });
  });
});
