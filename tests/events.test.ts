// What happens in a fleet, as it is told to whoever follows: each thing once and in its order, over the death of a member and
// of the hub, and what cannot be told is said to be missing.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import type { FleetEvent } from "@fleetty/client";
import { EventReader } from "./harness/event-reader.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import type { Answer } from "./harness/http.ts";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** `cat`, which a signal ends and nothing else. */
async function start(hub: TestServer, name: string, more: object = {}): Promise<number> {
  const { status, json } = await hub.ask({ path: "/sessions", body: { name, argv: ["/bin/cat"], ...more } });
  assert.equal(status, 201, JSON.stringify(json));
  return json.pid;
}

const json = { accept: "application/json" };

function poll(hub: TestServer, query: string): Promise<Answer> {
  return hub.ask({ path: `/events?${query}`, headers: json });
}

const cursorsOf = (events: readonly FleetEvent[]) => events.map(({ cursor }) => cursor);

describe("the events of a fleet", () => {
  it("are told once and in order, over the death of a member and of the hub, also what happened meanwhile", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const { hub } = fleet;
    const member = fleet.member("web-1");
    const { port } = await member.tcp();
    using client = hub.client();
    await using reader = new EventReader(client, { cursor: "oldest" });
    const ofServer = (type: string, to?: string) => (event: FleetEvent) =>
      event.type === type && event.server === "web-1" && (to === undefined || event.data["to"] === to);
    await reader.sees("the member is healthy", ofServer("server.health", "healthy"));
    assert.match(reader.told[0] ?? "", /^server\.added /);

    // On both, in order.
    for (const server of ["hub-1", "web-1"]) {
      const name = `on-${server}`;
      await start(hub, name, { server, argv: ["/bin/sh", "-c", "read line; exit 3"] });
      const path = `/sessions/${name}`;
      const changed = { name: `${name}-b`, add_tags: ["ci"] };
      assert.equal((await hub.ask({ method: "PATCH", path, body: changed })).status, 200);
      assert.equal((await hub.ask({ path: `${path}-b/input`, body: "\n" })).status, 200);
      const { data } = await reader.sees(
        `${name} has ended`,
        ({ type, session }) => type === "session.exited" && session === `${name}-b`,
      );
      assert.deepEqual([data["exit"], data["end_reason"]], [{ code: 3 }, "exited"]);
      const { id } = (await hub.ask({ path: `${path}-b` })).json;
      const told = reader.events.filter((event) => event.id === id);
      assert.deepEqual(
        told.map((event) => [event.type, event.server, event.session]),
        [
          ["session.created", server, name],
          ["session.renamed", server, `${name}-b`],
          ["session.tags_changed", server, `${name}-b`],
          ["session.exited", server, `${name}-b`],
        ],
      );
    }

    // A member dies, and what it has is away.
    await start(hub, "stays", { server: "web-1" });
    const goes = await start(hub, "goes", { server: "web-1" });
    await member.kill();
    const lost = await reader.sees("the member is away", ofServer("server.health", "unavailable"));
    assert.equal(lost.data["from"], "healthy");
    for (const name of ["stays", "goes"])
      await reader.sees(`${name} is away`, ({ type, session }) => type === "session.unreachable" && session === name);
    process.kill(goes);
    await using back = await startServer({
      home: member.home,
      args: ["--hostname", "web-1", "--bind", `127.0.0.1:${port}`],
    });
    const reachable = await reader.sees("one is back", ({ type }) => type === "session.reachable");
    assert.deepEqual([reachable.session, reachable.data["missed_events"]], ["stays", false]);
    assert.deepEqual(reader.typesOf("goes"), ["session.created", "session.unreachable", "session.exited"]);

    // The hub dies, and sessions of its own end meanwhile.
    const here = await start(hub, "here");
    await reader.sees("it is told", ({ session }) => session === "here");
    await hub.kill();
    process.kill(here);
    // What comes and goes on a member meanwhile is in no list when the hub is back.
    await start(back, "brief");
    assert.equal((await back.ask({ method: "PATCH", path: "/sessions/brief", body: { name: "brief-b" } })).status, 200);
    assert.equal((await back.ask({ method: "DELETE", path: "/sessions/brief-b" })).status, 204);
    await hub.start();
    await fleet.becomes("web-1", "healthy");
    const ended = await reader.sees(
      "its end is told",
      ({ type, session }) => type === "session.exited" && session === "brief-b",
    );
    assert.equal(ended.data["end_reason"], "killed");
    assert.deepEqual(
      reader.events.filter(({ id }) => id === ended.id).map(({ type, session }) => `${type} ${session}`),
      ["session.created brief", "session.renamed brief-b", "session.exited brief-b"],
    );
    await reader.sees("what ended is told", ({ type, session }) => type === "session.exited" && session === "here");
    await start(hub, "new", { server: "web-1" });
    await reader.sees("what began is told", ({ session }) => session === "new");
    assert.deepEqual(reader.typesOf("here"), ["session.created", "session.exited"]);
    assert.deepEqual(reader.events.filter(ofServer("gap")), []);

    // Nothing was lost on the way to the reader, and nothing came twice: the log has the same.
    const { json: log } = await poll(hub, "cursor=oldest&limit=1000&max_wait_ms=0");
    const all: FleetEvent[] = [...log.events, ...log.gaps];
    assert.deepEqual(cursorsOf(reader.events).toSorted(), cursorsOf(all).toSorted());
    assert.equal(new Set(cursorsOf(all)).size, all.length);
  });

  it("are said to be missing when a member keeps them no more", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const { hub } = fleet;
    const member = fleet.member("web-1");
    const { port } = await member.tcp();
    using client = hub.client();
    await using reader = new EventReader(client, { cursor: "oldest" });
    await start(hub, "stays", { server: "web-1" });
    await reader.sees("it is told", ({ session }) => session === "stays");
    await hub.stop();
    await start(member, "unseen");
    await member.stop();
    // As two weeks do.
    using database = new DatabaseSync(join(member.stateDir, "worker.db"));
    database.exec("UPDATE journal_gone SET seq = (SELECT max(seq) FROM journal); DELETE FROM journal");
    database.close();
    await using back = await startServer({
      home: member.home,
      args: ["--hostname", "web-1", "--bind", `127.0.0.1:${port}`],
    });
    await hub.start();
    const gap = await reader.sees("it is said", ({ type, server }) => type === "gap" && server === "web-1");
    assert.deepEqual([gap.data["reason"], gap.data["dropped"]], ["hub_restart", null]);
    await reader.sees(
      "what is there is told",
      ({ type, session }) => type === "session.created" && session === "unseen",
    );
    assert.ok(await back.answers());
  });
});

describe("who asks for events", () => {
  let fleet: TestFleet;
  let hub: TestServer;

  before(async () => {
    fleet = await startFleet({ members: ["web-1"], hub: { tcp: true } });
    hub = fleet.hub;
    // Whoever asks for the server is told before the log has it on the disk.
    await poll(hub, "cursor=oldest&types=server.health");
  });
  after(() => fleet[Symbol.asyncDispose]());

  it("is answered when something happens, and goes on from there", async () => {
    const { json: begin } = await poll(hub, "max_wait_ms=0");
    assert.deepEqual([begin.events, begin.gaps], [[], []]);
    const waiting = poll(hub, `cursor=${begin.cursor}&types=session.`);
    await start(hub, "first");
    const { json: answer } = await waiting;
    assert.deepEqual(
      answer.events.map(({ type, session }: FleetEvent) => [type, session]),
      [["session.created", "first"]],
    );
    const { json: again } = await poll(hub, `cursor=${begin.cursor}&types=session.`);
    assert.deepEqual(again.events, answer.events);
    assert.deepEqual((await poll(hub, `cursor=${answer.cursor}&max_wait_ms=0`)).json.events, []);
  });

  it("gets what was asked for, by server, set, tag, session and type", async () => {
    await start(hub, "tagged", { server: "web-1", tags: ["ci"] });
    await start(hub, "plain");
    await poll(hub, "cursor=oldest&session=plain");
    // Until it was known what it is called, it was called by its id.
    const { id } = await fleet.server("web-1");
    const seen = async (query: string) => {
      const { json: answer } = await poll(hub, `cursor=oldest&limit=1000&max_wait_ms=0&${query}`);
      return answer.events as FleetEvent[];
    };
    for (const query of ["server=web-1", "on=web-[1-1]", "on=*+!hub-1"]) {
      const events = await seen(query);
      assert.ok(events.length > 0 && events.every(({ server }) => [id, "web-1"].includes(server)), query);
    }
    for (const query of ["tag=ci", "session=tagged", "session=web-1%2Ftagged", "types=session.&on=%23ci"]) {
      assert.deepEqual(
        (await seen(query)).map(({ session }) => session),
        ["tagged"],
        query,
      );
    }
    const types = new Set((await seen("types=server.,session.exited")).map(({ type }) => type));
    assert.deepEqual([...types].sort(), ["server.added", "server.health"]);
    const refusals = [
      ["server=nobody", 404, "server_not_found"],
      ["on=nobody", 404, "server_not_found"],
      ["on=!x", 400, "invalid_selector"],
      ["cursor=nonsense", 400, "invalid_cursor"],
      ["types=Session", 400, "invalid_query"],
      ["kind=x", 400, "invalid_query"],
    ] as const;
    for (const [query, status, code] of refusals) {
      const refused = await poll(hub, query);
      assert.deepEqual([refused.status, refused.json.error.code], [status, code], query);
    }
    const { status, json: body } = await hub.ask({ path: "/events", headers: { accept: "text/html" } });
    assert.deepEqual([status, body.error.code], [406, "not_acceptable"]);
  });

  it("hears of each other size of a session, of a member's too, and of no size that it has", async () => {
    await start(hub, "sized", { server: "web-1" });
    using client = hub.client();
    await using reader = new EventReader(client, { session: "sized", types: ["session.resized"] });
    const resize = (rows: number, cols: number) => hub.ask({ path: "/sessions/sized/resize", body: { rows, cols } });
    for (const [rows, cols] of [
      [30, 90],
      [30, 90],
      [31, 90],
    ] as const)
      assert.equal((await resize(rows, cols)).status, 200);
    await reader.sees("the last", ({ data }) => data["rows"] === 31);
    assert.deepEqual(reader.told, [
      'session.resized sized {"rows":30,"cols":90}',
      'session.resized sized {"rows":31,"cols":90}',
    ]);
    await hub.ask({ method: "DELETE", path: "/sessions/sized" });
  });

  it("hears of what is changed of a server, that it is drained, and that it is removed", async () => {
    using client = hub.client();
    await using reader = new EventReader(client, { on: "web-1", types: ["server."] });
    const pid = await start(hub, "last", { server: "web-1" });
    await hub.ask({ method: "DELETE", path: "/sessions/tagged" });
    const change = (body: object) => hub.ask({ method: "PATCH", path: "/servers/web-1", body });
    assert.equal((await change({ labels: { role: "web" } })).status, 200);
    assert.equal((await change({ draining: true })).status, 200);
    process.kill(pid);
    await reader.sees("it is drained", ({ type }) => type === "server.drained");
    assert.equal((await hub.ask({ method: "DELETE", path: "/servers/web-1" })).status, 204);
    await reader.sees("it is removed", ({ type }) => type === "server.removed");
    // With the labels that it sets itself.
    const labels = reader.events[0]?.data["labels"] as Record<string, string> | undefined;
    assert.equal(labels?.["role"], "web");
    assert.deepEqual(reader.told, [
      `server.updated web-1 ${JSON.stringify({ labels })}`,
      'server.updated web-1 {"draining":true}',
      "server.drained web-1 {}",
      "server.removed web-1 {}",
    ]);
  });

  it("hears of what is changed of this server itself, and that it is drained", async () => {
    using client = hub.client();
    const { json: live } = await hub.ask({ path: "/sessions?server=local" });
    for (const { id } of live) await hub.ask({ method: "DELETE", path: `/sessions/${id}` });
    const pid = await start(hub, "last-here");
    await using reader = new EventReader(client, { server: "local", types: ["server."] });
    const change = (body: object) => hub.ask({ method: "PATCH", path: "/servers/local", body });
    assert.equal((await change({ labels: { role: "hub" }, draining: true })).status, 200);
    process.kill(pid);
    await reader.sees("it is drained", ({ type }) => type === "server.drained");
    assert.equal((await change({ labels: { role: null }, draining: false })).status, 200);
    await reader.sees("it is as it was", ({ data }) => data["draining"] === false);
    const types = reader.events.map(({ type, server }) => `${type} ${server}`);
    assert.deepEqual(types, ["server.updated hub-1", "server.drained hub-1", "server.updated hub-1"]);
    const labels = reader.events[0]?.data["labels"] as Record<string, string> | undefined;
    assert.equal(labels?.["role"], "hub");
  });

  it("is told when a cursor is of events that are kept no more, or of another log", async () => {
    await start(hub, "after");
    const { json: kept } = await poll(hub, "cursor=oldest&limit=1000&session=after");
    await hub.stop();
    using database = new DatabaseSync(join(hub.stateDir, "hub.db"));
    database.exec("DELETE FROM events WHERE seq <= 2");
    await hub.start();
    const [log] = /^ev_[0-9a-f]{8}_/.exec(kept.cursor) ?? [""];
    for (const cursor of [`${log}1`, "ev_00000000_1"]) {
      const { json: answer } = await poll(hub, `cursor=${cursor}&session=after`);
      assert.deepEqual(answer.events, []);
      assert.equal(answer.gaps[0]?.data.reason, "cursor_expired");
    }
    assert.deepEqual((await poll(hub, `cursor=${log}2&session=after`)).json.gaps, []);
  });

  it("as a browser does is told in server-sent events, until the credential ends", async () => {
    const { host, port } = await hub.tcp();
    const headers = { authorization: `Bearer ${hub.token}` };
    const response = await fetch(`http://${host}:${port}/events?types=session.`, { headers });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    let text = "";
    const read = (async () => {
      for await (const piece of response.body ?? []) text += Buffer.from(piece).toString("utf8");
    })();
    await waitUntil("it has begun", () => text.includes("\n\n"));
    assert.match(
      text,
      /^retry: 1000\nid: (ev_\S+)\nevent: hello\ndata: \{"cursor":"\1",[^\n]*"type":"hello"[^\n]*\}\n\n$/,
    );
    await start(hub, "in-the-browser");
    await waitUntil("it is told", () => text.includes("in-the-browser"), { seen: () => text });
    const [, block = ""] = text.split("\n\n");
    assert.match(block, /^id: (ev_\S+)\nevent: session\.created\ndata: \{"cursor":"\1",/);
    const [, cursor = ""] = /^id: (ev_\S+)$/m.exec(text) ?? [];
    const again = await fetch(`http://${host}:${port}/events?cursor=oldest`, {
      headers: { ...headers, "last-event-id": cursor },
    });
    const first = await firstOf(again.body);
    assert.ok(first.includes(`id: ${cursor}\nevent: hello`), first);
    assert.equal((await hub.ask({ method: "POST", path: "/server/token" })).status, 200);
    await read;
  });

  it("at a command line gets a line for each, until it is interrupted", async () => {
    const child = spawn(LAUNCHER, ["events", "--cursor", "oldest", "--types", "session.created"], {
      env: hub.home.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (piece: Buffer) => {
      text += piece.toString();
    });
    await waitUntil("it tells", () => text.includes("after"), { seen: () => text });
    assert.match(text, /^\d{4}-\S+Z hub-1 session\.created after \/bin\/cat$/m);
    child.kill("SIGINT");
    const [code] = await new Promise<[number | null]>((resolve) => child.once("close", (one) => resolve([one])));
    assert.equal(code, 130);
    const { json: answer } = await poll(hub, "cursor=oldest&session=after");
    const called = await hub.fleetty(["api", "events.stream", "cursor=oldest", "session=after"]);
    assert.deepEqual(JSON.parse(called.stdout).events, answer.events);
  });
});

/** Its first piece; what follows is not wanted. */
async function firstOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  for await (const piece of body ?? []) return Buffer.from(piece).toString("utf8");
  return "";
}
