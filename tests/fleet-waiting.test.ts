// Waiting for many sessions at once, as callers meet it: a fan-out over three servers whose answers are gathered one by one,
// whatever ends, dies or comes back meanwhile.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import type { Answer, Ask } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { startServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";

/** Long enough to have been quiet for on purpose, short enough to wait for. */
const QUIET_MS = 100;
/** No session is quiet for so long here. */
const NEVER_MS = 300_000;
/** Whatever is waited for comes sooner, on a slow machine too; if not, the answer says what was missed. */
const PATIENCE_MS = 60_000;

let fleet: TestFleet;

before(async () => {
  fleet = await startFleet({ members: ["web-1", "web-2"], hub: { tcp: true } });
});
after(() => fleet[Symbol.asyncDispose]());

const say = (name: string, server: string, tag: string) =>
  TestSession.start(fleet.hub.socketPath, name, { argv: [fixture("say")], ready: "ready", server, tags: [tag] });

interface IdleAsked {
  readonly cursor?: string;
  readonly maxWaitMs?: number;
  readonly quietMs?: number;
}

function idle(query: string, { cursor, maxWaitMs = PATIENCE_MS, quietMs = QUIET_MS }: IdleAsked = {}): Promise<Answer> {
  const more = cursor === undefined ? "" : `&cursor=${cursor}`;
  return fleet.hub.ask({ path: `/idle?${query}&timeout_ms=${quietMs}&max_wait_ms=${maxWaitMs}&format=plain${more}` });
}

function wait(body: object, signal?: AbortSignal): Promise<Answer> {
  return fleet.hub.ask({
    path: "/wait",
    body: { max_wait_ms: PATIENCE_MS, ...body },
    ...(signal && { signal }),
  });
}

const where = ({ json: { server, session } }: Answer) => `${server}/${session}`;
const told = ({ json: { events } }: Answer) =>
  events
    .map(({ server, session, reason }: Record<string, string>) => `${server}/${session} ${reason}`)
    .sort()
    .join(", ");

describe("the first idle session of a fleet", () => {
  it("is each settled one once, one that moves on, exits or joins too", async () => {
    await say("near", "hub-1", "gather");
    const build = await say("build", "web-1", "gather");
    const unit = await say("unit", "web-2", "gather");
    const first = await idle("tag=gather");
    assert.equal(first.status, 200, first.body.toString());
    assert.deepEqual([first.headers["fleetty-server"], first.json.state], [first.json.server, "running"]);
    assert.ok(first.json.screen.lines.includes("ready"), first.body.toString());
    const second = await idle("tag=gather", first.json);
    const third = await idle("tag=gather", second.json);
    assert.deepEqual([first, second, third].map(where).sort(), ["hub-1/near", "web-1/build", "web-2/unit"]);
    assert.equal(where(await idle("tag=gather", second.json)), where(third), "an answer that was lost comes again");

    const none = await idle("tag=gather", { cursor: third.json.cursor, maxWaitMs: 0 });
    assert.deepEqual([none.status, none.json.error.code], [408, "idle_timeout"]);
    assert.equal(none.json.error.details.cursor, third.json.cursor);

    const moving = idle("tag=gather", third.json);
    await build.type("more\\n\n");
    const moved = await moving;
    assert.equal(where(moved), "web-1/build");
    assert.ok(moved.json.screen.lines.includes("more"), moved.body.toString());

    const ending = idle("tag=gather", moved.json);
    await unit.type("exit 3\n");
    const ended = await ending;
    assert.deepEqual([where(ended), ended.json.state, ended.json.exit], ["web-2/unit", "exited", { code: 3 }]);

    const joining = idle("tag=gather", ended.json);
    await say("late", "web-2", "gather");
    assert.equal(where(await joining), "web-2/late");
  });

  it("is found by server and by server set, and is the one that has been quiet the longest", async () => {
    const older = await say("older", "web-1", "order");
    await older.shows("ready");
    await idle("tag=order");
    await say("younger", "hub-1", "order");
    await idle("tag=order&server=local");
    assert.equal(where(await idle("tag=order")), "web-1/older");
    assert.equal(where(await idle("tag=order&server=local")), "hub-1/younger");
    assert.equal(where(await idle("tag=order&on=*,!web-[1-2]")), "hub-1/younger");
    const { generation } = (await idle("tag=order")).json;
    const seen = `tag=order&last_session=older&last_server=web-1&last_generation=${generation}`;
    assert.equal(where(await idle(seen)), "hub-1/younger");
  });

  it("is refused where nothing matches, and for a cursor that is not good", async () => {
    const refused = async (query: string) => (await idle(query, { maxWaitMs: 0 })).json.error.code;
    assert.equal(await refused("tag=nobody-has-this"), "no_sessions");
    assert.equal(await refused("server=web-9"), "server_not_found");
    assert.equal(await refused("on=!web-1"), "invalid_selector");
    for (const cursor of ["nonsense", "fwt_01K3Z8Q4T6V9X2B5N7M0R1S3WD.0", "idl_01K3Z8Q4T6V9X2B5N7M0R1S3WD.0"]) {
      assert.equal(await refused(`cursor=${cursor}`), "invalid_cursor", cursor);
    }
    const { json } = await idle("tag=order");
    const other = await fleet.hub.ask({ path: "/server/token" });
    const stranger = await fleet.member("web-1").ask({ path: `/idle?timeout_ms=0&cursor=${json.cursor}` });
    assert.deepEqual([other.status, stranger.json.error.code], [200, "invalid_cursor"]);
  });

  it("is shown by the command line, which knows by its exit code that there was none", async () => {
    const shown = await fleet.hub.fleetty(["idle", "--timeout-ms", "100", "--tag", "order", "--on", "web-1"]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^web-1\/older\n(.|\n)*ready/);
    const none = await fleet.hub.fleetty(["idle", "--timeout-ms", "0", "--tag", "nobody-has-this"]);
    assert.equal(none.code, 4, none.stderr);
  });
});

describe("a wait for many sessions", () => {
  it("tells each event once, those of sessions that join too, and says when each has had one", async () => {
    const near = await say("w-near", "hub-1", "events");
    const far = await say("w-far", "web-1", "events");
    const until = { exit: true, pattern: { regex: "^PASS \\d+$", on: "output" } };
    const nothing = await wait({ select: { tags: ["events"] }, until, max_wait_ms: 0 });
    assert.equal(nothing.status, 200, nothing.body.toString());
    assert.deepEqual([nothing.json.events, nothing.json.timed_out, nothing.json.done], [[], true, false]);
    assert.deepEqual(nothing.json.counts, { selected: 2, satisfied: 0, pending: 2, unreachable: 0 });

    const passing = wait(nothing.json.cursor && { cursor: nothing.json.cursor });
    await far.type("PASS 12\\n\n");
    const passed = await passing;
    assert.equal(told(passed), "web-1/w-far pattern");
    assert.equal(passed.json.events[0].match.text, "PASS 12");
    assert.deepEqual(
      passed.json.pending.map(({ session }: { session: string }) => session),
      ["w-near"],
    );

    // Between calls it goes on collecting.
    await near.type("exit 0\n");
    await far.type("PASS 13\\n\n");
    const late = await say("w-late", "web-2", "events");
    await late.type("exit 2\n");
    let { cursor } = passed.json;
    const seen: string[] = [];
    while (seen.length < 3) {
      const next = await wait({ cursor });
      seen.push(...told(next).split(", "));
      if (seen.length >= 3) {
        assert.deepEqual([next.json.done, next.json.counts.selected], [true, 3], next.body.toString());
        assert.equal(told(await wait({ cursor })), told(next), "an answer that was lost comes again");
      }
      cursor = next.json.cursor;
    }
    assert.deepEqual(seen.sort(), ["hub-1/w-near exit", "web-1/w-far pattern", "web-2/w-late exit"]);
  });

  it("waits for all where that is asked, misses nothing since a position, and finds what is named though it has ended", async () => {
    const one = await say("a-one", "web-1", "all");
    const two = await say("a-two", "web-2", "all");
    const before = (await one.ask("/input", { body: "DONE early\\n\n" })).json;
    await one.shows("DONE early");
    const { id } = await one.info();
    const until = { pattern: { regex: "^DONE", on: "output" } };
    const all = wait({ select: { tags: ["all"] }, until, mode: "all", since: { [id]: before } });
    await two.type("exit 9\n");
    const answer = await all;
    assert.equal(told(answer), "web-1/a-one pattern, web-2/a-two exit");
    assert.deepEqual([answer.json.done, answer.json.timed_out], [true, false]);

    const select = { sessions: ["web-2/a-two", id] };
    const named = await wait({ select, until: { exit: true }, mode: "all", max_wait_ms: 0 });
    assert.equal(told(named), "web-2/a-two exit");
    assert.equal(named.json.events[0].exit_code, 9);
    assert.deepEqual(named.json.counts, { selected: 2, satisfied: 1, pending: 1, unreachable: 0 });

    const quiet = { select: { sessions: ["web-2/a-two"] }, until: { idle: { timeout_ms: 0 } } };
    const seen = await wait(quiet);
    const rest = seen.json.events.length > 1 ? [] : (await wait({ cursor: seen.json.cursor })).json.events;
    const reasons = [...seen.json.events, ...rest].map(({ reason }: { reason: string }) => reason);
    assert.deepEqual(reasons, ["idle", "exit"], "what has ended ends the telling");
  });

  it("tells what goes on being so once, and again when something has happened since", async () => {
    const steady = await say("steady", "web-1", "steady");
    const until = { pattern: { regex: "^ready$", on: "screen" } };
    const first = await wait({ select: { tags: ["steady"] }, until });
    assert.equal(told(first), "web-1/steady pattern");
    const { id } = await steady.info();
    // Whoever looked again without cause would have done so by the time of this.
    await wait({ select: { sessions: [id] }, until: { idle: { timeout_ms: QUIET_MS } } });
    const nothing = await wait({ cursor: first.json.cursor, max_wait_ms: 0 });
    assert.deepEqual([nothing.json.events, nothing.json.gap], [[], null]);
    await steady.type("more\\n\n");
    assert.equal(told(await wait({ cursor: first.json.cursor })).split(",")[0], "web-1/steady pattern");
  });

  it("is refused for what cannot be waited for", async () => {
    const refused = async (body: object) => (await wait({ max_wait_ms: 0, ...body })).json.error.code;
    assert.equal(await refused({ select: { tags: ["nobody-has-this"] } }), "no_sessions");
    assert.equal(await refused({ select: {} }), "invalid_body");
    assert.equal(await refused({}), "invalid_body");
    assert.equal(await refused({ select: { on: "web-9" } }), "server_not_found");
    assert.equal(await refused({ cursor: "fwt_01K3Z8Q4T6V9X2B5N7M0R1S3WD.0" }), "invalid_cursor");
    assert.equal(await refused({ cursor: "x", mode: "all" }), "invalid_body");
    const until = { pattern: { regex: "(a)\\1", on: "output" } };
    assert.equal(await refused({ select: { tags: ["events"] }, until }), "invalid_pattern");
  });

  it("leaves nothing behind when its caller goes", async () => {
    const leaving = new AbortController();
    const waiting = wait({ select: { tags: ["order"] } }, leaving.signal);
    leaving.abort();
    await assert.rejects(waiting);
  });

  it("is made by the command line, which knows by its exit code that the time was over", async () => {
    const one = await say("cli-one", "web-1", "cli");
    const two = await say("cli-two", "web-2", "cli");
    await one.type("exit 5\n");
    const some = await fleet.hub.fleetty(["wait", "--exit", "--tag", "cli", "--on", "web-2", "--max-wait-ms", "0"]);
    assert.equal(some.code, 124, some.stderr);
    assert.match(some.stderr, /still waiting for web-2\/cli-two/);
    const all = fleet.hub.fleetty(["wait", "--exit", "--sessions", "web-1/cli-one,cli-two", "--all"]);
    await two.type("exit 0\n");
    const { code, stdout, stderr } = await all;
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.split("\n").sort(), ["", "web-1/cli-one exit 5 (exact)", "web-2/cli-two exit 0 (exact)"]);
  });
});

describe("a caller that sees a part of the fleet", () => {
  it("is told of that part alone, as it is just now, and its cursors are of no use to who sees another", async () => {
    await say("in-sight", "web-1", "seen");
    await say("out-of-sight", "web-2", "hidden");
    const made = await fleet.hub.ask({
      path: "/tokens",
      body: { name: "watcher", verbs: ["observe"], on: "web-[1-2]", tags: ["seen"] },
    });
    const ask = (asked: Ask) => fleet.hub.askTcp(asked, made.json.token);
    const quick = "timeout_ms=0&max_wait_ms=0";
    const first = await ask({ path: `/idle?${quick}` });
    assert.equal(where(first), "web-1/in-sight");
    const second = await ask({ path: `/idle?${quick}&cursor=${first.json.cursor}` });
    assert.equal(second.json.error.code, "idle_timeout");
    assert.equal((await ask({ path: `/idle?${quick}&server=local` })).json.error.code, "server_not_found");
    const begun = await ask({ path: "/wait", body: { select: { on: "*" }, max_wait_ms: 0 } });
    assert.equal(begun.json.counts.selected, 1);
    const hidden = { path: "/wait", body: { select: { sessions: ["out-of-sight"] }, max_wait_ms: 0 } };
    assert.equal((await ask(hidden)).json.error.code, "no_sessions");
    const listed = await ask({ path: "/sessions?on=*&envelope=1&include=unreachable" });
    assert.deepEqual(
      listed.json.sessions.map(({ name }: { name: string }) => name),
      ["in-sight"],
    );

    const stranger = await wait({ cursor: begun.json.cursor, max_wait_ms: 0 });
    assert.equal(stranger.json.error.code, "invalid_cursor");
    const path = "/sessions/in-sight";
    await fleet.hub.ask({ method: "PATCH", path, body: { remove_tags: ["seen"] } });
    const after = await ask({ path: "/wait", body: { cursor: begun.json.cursor, max_wait_ms: 0 } });
    assert.equal(after.json.counts.selected, 0);
    assert.equal((await ask({ path: `/idle?${quick}` })).json.error.code, "no_sessions");
  });
});

describe("a fleet of which a member is away", () => {
  it("is waited for: what ended there meanwhile is told when it is back, and until then it is named", async () => {
    const member = fleet.member("web-2");
    const { port } = await member.tcp();
    const file = join(member.home.stateDir("default"), "go-on");
    writeFileSync(file, "");
    const argv = ["/bin/sh", "-c", `while [ -e ${file} ]; do sleep 0.05; done; echo gone on; exit 5`];
    const far = await TestSession.start(fleet.hub.socketPath, "far", { argv, server: "web-2", tags: ["away"] });
    const pending = idle("tag=away&server=web-2", { quietMs: NEVER_MS });
    const body = { until: { pattern: { regex: "^gone on$", on: "output" } }, max_wait_ms: PATIENCE_MS };
    const waiting = far.ask("/wait", { body });
    assert.ok((await far.info()).id);
    const near = await say("near-too", "web-1", "away");
    const { json: begun } = await wait({ select: { tags: ["away"] }, until: { exit: true }, max_wait_ms: 0 });
    await member.kill();
    await fleet.becomes("web-2", "unavailable");
    await near.type("exit 1\n");
    const partial = await wait({ cursor: begun.cursor });
    assert.equal(told(partial), "web-1/near-too exit");
    assert.deepEqual([partial.json.done, partial.json.unreachable], [false, ["web-2"]]);
    assert.deepEqual(partial.json.counts, { selected: 2, satisfied: 1, pending: 1, unreachable: 1 });
    assert.equal(partial.headers["fleetty-partial"], "web-2");

    const only = await idle("tag=away&on=web-2");
    assert.deepEqual([only.status, only.json.error.code], [503, "server_unavailable"]);
    assert.equal(only.headers["fleetty-partial"], "web-2");
    const settled = await idle("tag=gather");
    assert.deepEqual([settled.status, settled.headers["fleetty-partial"]], [200, "web-2"]);

    rmSync(file);
    const args = ["--hostname", "web-2", "--bind", `127.0.0.1:${port}`];
    await using back = await startServer({ home: member.home, args });
    const ended = await wait({ cursor: partial.json.cursor });
    assert.equal(told(ended), "web-2/far exit");
    assert.deepEqual([ended.json.events[0].exit_code, ended.json.done], [5, true]);
    const outlived = await pending;
    assert.deepEqual([outlived.status, where(outlived), outlived.json.exit], [200, "web-2/far", { code: 5 }]);
    assert.equal((await waiting).json.reason, "pattern");
    assert.ok(await back.answers());
  });

  it("keeps its cursors over a restart of the hub, and says what was lost with it", async () => {
    const kept = await say("kept", "web-1", "restart");
    const { json: begun } = await wait({ select: { tags: ["restart"] }, until: { exit: true }, max_wait_ms: 0 });
    const { json: idled } = await idle("tag=restart");
    await fleet.hub.stop();
    await fleet.hub.start();
    await fleet.becomes("web-1", "healthy");
    await kept.type("exit 0\n");
    const after = await wait({ cursor: begun.cursor });
    assert.equal(told(after), "web-1/kept exit");
    assert.deepEqual(after.json.gap, { dropped: null, reason: "hub_restart" });
    assert.equal((await wait({ cursor: after.json.cursor, max_wait_ms: 0 })).json.gap, null);
    const again = await idle("tag=restart", idled);
    assert.deepEqual([where(again), again.json.state], ["web-1/kept", "exited"]);
    assert.deepEqual(again.json.gap, { dropped: null, reason: "hub_restart" });
  });
});
