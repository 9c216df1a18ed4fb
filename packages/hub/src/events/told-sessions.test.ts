// What is left to tell of a session when something is heard of it: each thing once, whoever says it and however often.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { type Telling, ToldSessions } from "./told-sessions.ts";

const SERVER = "srv_1";

function session(id: string, more: Partial<SessionInfo> = {}): SessionInfo {
  const info = { id, name: id, tags: [], state: "running", created_at: "2026-03-02T09:00:00.000Z", exited_at: null };
  return { ...info, exit: null, end_reason: null, offset: 7, ...more } as unknown as SessionInfo;
}

const ended = (id: string, exitedAt: string) =>
  session(id, { state: "exited", exit: { code: 0 }, end_reason: "exited", exited_at: exitedAt });

const typesOf = ({ news }: Telling) => news.map(({ type, session: { name } }) => `${type.split(".")[1]} ${name}`);

/** As the next run of the hub finds it. */
function again(tellings: readonly Telling[]): ToldSessions {
  const told = new Map(tellings.flatMap(({ told: all }) => all.map((change) => [change.session_id, change.told])));
  return new ToldSessions([...told.values()].filter((one) => one !== null));
}

describe("what is told of a session", () => {
  it("is told once, whether it is said once or again", () => {
    const sessions = new ToldSessions([]);
    const created = { type: "session.created", session: session("a") } as const;
    const renamed = {
      type: "session.renamed",
      session: session("a", { name: "b" }),
      old_name: "a",
      new_name: "b",
    } as const;
    const exited = { type: "session.exited", session: { ...ended("a", "x"), name: "b" }, is_kept: true } as const;
    const removed = { type: "session.removed", session: exited.session, reason: "retention" } as const;
    for (const [event, said] of [
      [created, "created a"],
      [renamed, "renamed b"],
      [exited, "exited b"],
      [removed, "removed b"],
    ] as const) {
      assert.deepEqual(typesOf(sessions.happened(SERVER, event)), [said]);
      assert.deepEqual(typesOf(event === removed ? sessions.listed(SERVER, []) : sessions.happened(SERVER, event)), []);
    }
  });

  it("begins with what it needs: an end that is heard first has a beginning before it", () => {
    const sessions = new ToldSessions([]);
    const telling = sessions.happened(SERVER, { type: "session.exited", session: ended("a", "x"), is_kept: true });
    assert.deepEqual(typesOf(telling), ["created a", "exited a"]);
  });

  it("is what is only passing too, under the name that it was told by; and nothing of that once it has ended", () => {
    const sessions = new ToldSessions([]);
    sessions.listed(SERVER, [session("a")]);
    const lease = { holder: "ci", kind: "agent", action: "taken" };
    const event = { type: "session.lease", session: session("a", { name: "b" }), ...lease } as const;
    const { news, told } = sessions.happened(SERVER, event);
    assert.deepEqual(
      news.map(({ type, session: { name }, data }) => [type, name, data]),
      [["session.lease", "a", lease]],
    );
    assert.deepEqual(
      told.map(({ info }) => info),
      [event.session],
    );
    assert.deepEqual(typesOf(sessions.happened(SERVER, { ...event, session: session("z") })), ["created z", "lease z"]);
    sessions.happened(SERVER, { type: "session.exited", session: ended("a", "x"), is_kept: true });
    assert.deepEqual(typesOf(sessions.happened(SERVER, event)), []);
  });

  it("is what has come and what has gone of its tags, one after the other", () => {
    const sessions = new ToldSessions([]);
    sessions.listed(SERVER, [session("a", { tags: ["x", "y"] })]);
    const { news } = sessions.listed(SERVER, [session("a", { tags: ["y", "z"] })]);
    assert.deepEqual(
      news.map(({ data, session: { tags } }) => [data, tags]),
      [
        [{ added: ["z"], removed: [] }, ["y", "z"]],
        [{ added: [], removed: ["x"] }, ["y", "z"]],
      ],
    );
  });
});

describe("a list of all sessions", () => {
  it("tells what happened while nobody could, by the clock of the server, over a restart of the hub", () => {
    const first = new ToldSessions([]);
    const before = first.listed(
      SERVER,
      ["a", "b", "c"].map((id) => session(id)),
    );
    assert.deepEqual(typesOf(before), ["created a", "created b", "created c"]);
    const telling = again([before]).listed(SERVER, [
      { ...ended("a", "2026-03-02T09:09:00.000Z"), name: "A" },
      ended("b", "2026-03-02T09:05:00.000Z"),
      session("d", { created_at: "2026-03-02T09:07:00.000Z" }),
    ]);
    assert.deepEqual(typesOf(telling), ["exited b", "created d", "renamed A", "exited A", "exited c", "removed c"]);
    const [lost, gone] = telling.news.slice(-2);
    assert.deepEqual(lost?.data, { exit: { unknown: true }, end_reason: "missing_after_resume", offset: null });
    assert.deepEqual(gone?.data, { reason: "unknown" });
    assert.deepEqual(
      again([before, telling]).listed(SERVER, [ended("a", "x"), ended("b", "x"), session("d")]).news.length,
      1,
    );
  });

  it("is of one server alone", () => {
    const sessions = new ToldSessions([]);
    sessions.listed(SERVER, [session("a")]);
    assert.deepEqual(typesOf(sessions.listed("srv_2", [])), []);
    assert.equal(sessions.liveCount(SERVER), 1);
    assert.deepEqual(sessions.forget(SERVER).told, [{ server_id: SERVER, session_id: null, told: null }]);
    assert.equal(sessions.liveCount(SERVER), 0);
  });
});

describe("a server that is away", () => {
  it("has its live sessions unreachable once, also over a restart, and reachable when it is back", () => {
    const first = new ToldSessions([]);
    const told = [first.listed(SERVER, [session("a"), ended("b", "x")]), first.away(SERVER, "now")];
    assert.deepEqual(typesOf(told[1] as Telling), ["unreachable a"]);
    const next = again(told);
    assert.deepEqual(typesOf(next.away(SERVER, "now")), []);
    assert.deepEqual(typesOf(next.back(SERVER, true)), ["reachable a"]);
    assert.deepEqual(typesOf(next.back(SERVER, true)), []);
  });

  it("has nothing reachable of what ended meanwhile", () => {
    const sessions = new ToldSessions([]);
    sessions.listed(SERVER, [session("a")]);
    sessions.away(SERVER, "now");
    sessions.listed(SERVER, [ended("a", "x")]);
    assert.deepEqual(typesOf(sessions.back(SERVER, true)), []);
  });
});
