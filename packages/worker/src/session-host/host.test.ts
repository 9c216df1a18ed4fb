// A session host without its socket: what it starts, what it tells of ends, what it keeps until that is known, and when it
// may go.
import assert from "node:assert/strict";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { EventData } from "@fleetty/protocol/events";
import type { JournalEvent } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { readBytes } from "../output/read-bytes.ts";
import { FakeClock } from "../pty/fake-clock.ts";
import { program } from "../pty/pty-harness.ts";
import { specOf } from "../session/session-harness.ts";
import { call, type Linked, TestHost } from "./host-harness.ts";
import { sessionPaths } from "./paths.ts";
import { SessionFiles } from "./session-files.ts";

function outcomes({ events }: { events: readonly JournalEvent[] }) {
  return events.map(({ seq, p }) => {
    const { session, is_kept } = p as EventData<"session.exited">;
    return { seq, id: session.id, exit: session.exit, is_kept };
  });
}

async function spawned(linked: Linked, argv: readonly string[]): Promise<SessionInfo> {
  return (await linked.end.request("sessions.spawn", specOf(argv), call)) as SessionInfo;
}

/** Makes whatever is written of that session fail until `heal` is called: a file stands where its folder was. */
function breakRecord(stateDir: string, id: string): { heal(): void } {
  const { dir } = sessionPaths(stateDir, id);
  renameSync(dir, `${dir}.aside`);
  writeFileSync(dir, "");
  return {
    heal: () => {
      rmSync(dir);
      renameSync(`${dir}.aside`, dir);
    },
  };
}

describe("starting sessions", () => {
  it("starts one program for an id that is asked for twice at once", async () => {
    await using test = new TestHost();
    const { end } = test.link();
    const spec = specOf([program("read-nothing")]);
    const infos = await Promise.all([1, 2].map(() => end.request("sessions.spawn", spec, call)));
    const [first, second] = infos as [SessionInfo, SessionInfo];
    assert.equal(first.pid, second.pid);
    assert.deepEqual(
      test.host.list().map(({ pid }) => pid),
      [first.pid],
    );
  });

  it("tells a new hub end of a session whose creator went while it was started", async () => {
    await using test = new TestHost();
    const before = test.link();
    const asked = assert.rejects(spawned(before, [program("read-nothing")]), { code: "server_unavailable" });
    before.cut();
    const after = test.link();
    await asked;
    await waitUntil("it is told", () => after.inventories.length > 1, { seen: () => after.inventories });
    assert.deepEqual(
      after.inventories.map((sessions) => sessions.map(({ name }) => name)),
      [[], test.host.list().map(({ name }) => name)],
    );
    assert.equal(after.inventories[1]?.length, 1);
  });
});

describe("the end of a session", () => {
  it("is told once it is in files, and the session is let go when the worker knows", async () => {
    await using test = new TestHost();
    const linked = test.link();
    const { id } = await spawned(linked, [program("print-and-exit"), "10", "3"]);
    await waitUntil("the end is told", () => linked.events.length > 0);
    assert.deepEqual(outcomes(linked), [{ seq: 1, id, exit: { code: 3 }, is_kept: true }]);
    assert.deepEqual((await new SessionFiles(test.stateDir, id).readExit())?.info.exit, { code: 3 });
    assert.equal(test.host.list().length, 1);
    linked.end.ack(1);
    assert.deepEqual(test.host.list(), []);
  });

  it("is told at once where it cannot be written, kept whatever else is acknowledged, and written in the end", async () => {
    await using test = new TestHost();
    const linked = test.link();
    const unkept = await spawned(linked, [program("say"), "precious"]);
    const record = breakRecord(test.stateDir, unkept.id);
    await test.host.session(unkept.id).kill({ graceMs: 0, reason: "killed" });
    await waitUntil("the end is told", () => linked.events.length > 0);
    const other = await spawned(linked, [program("print-and-exit"), "10", "0"]);
    await waitUntil("the other's end is told", () => linked.events.length > 1);
    assert.deepEqual(
      outcomes(linked).map((one) => [one.id, one.is_kept]),
      [
        [unkept.id, false],
        [other.id, true],
      ],
    );
    linked.end.ack(2);
    assert.deepEqual(
      test.host.list().map(({ id }) => id),
      [unkept.id],
      "its host is the only one that has it",
    );
    record.heal();
    await waitUntil("it has been written", () => linked.events.length > 2);
    assert.deepEqual(outcomes(linked)[2], { seq: 3, id: unkept.id, exit: { signal: "SIGKILL" }, is_kept: true });
    assert.ok(await new SessionFiles(test.stateDir, unkept.id).readFinal());
    linked.end.ack(3);
    assert.deepEqual(test.host.list(), []);
  });

  it("holds nothing of a session that was forgotten before it could be written", async () => {
    await using test = new TestHost();
    const linked = test.link();
    const { id } = await spawned(linked, [program("read-nothing")]);
    breakRecord(test.stateDir, id);
    await test.host.session(id).kill({ graceMs: 0, reason: "killed" });
    await waitUntil("the end is told", () => linked.events.length > 0);
    rmSync(sessionPaths(test.stateDir, id).dir);
    await waitUntil("it is told again", () => linked.events.length > 1);
    linked.end.ack(2);
    assert.deepEqual([test.host.list(), existsSync(sessionPaths(test.stateDir, id).dir)], [[], false]);
  });

  it("comes to a viewer whose socket was full after the session was let go", async () => {
    await using test = new TestHost();
    const linked = test.link();
    const { id } = await spawned(linked, [program("read-nothing")]);
    const exits: unknown[] = [];
    const ch = linked.end.openChannel({ closed: () => {}, exit: (exit) => exits.push(exit) });
    linked.held = Number.POSITIVE_INFINITY;
    await linked.end.request("sessions.stream", { session: id, ch, from: 0 }, call);
    await waitUntil("there is something to send", () => test.host.session(id).ring.end > 0);
    await test.host.session(id).kill({ graceMs: 0, reason: "killed" });
    await waitUntil("the end is told", () => linked.events.length > 0);
    linked.end.ack(1);
    assert.deepEqual([test.host.list(), exits], [[], []]);
    linked.held = 0;
    linked.drained();
    assert.deepEqual(exits, [{ signal: "SIGKILL" }]);
  });
});

describe("a stream that must be repainted", () => {
  it("goes on after a gap where the picture is larger than any frame", async () => {
    await using test = new TestHost({ ringBytes: 64 * 1024 });
    const linked = test.link();
    const { id } = await spawned(linked, [program("read-nothing")]);
    const session = test.host.session(id);
    session.resize({ rows: 250, cols: 1000 });
    session.screen().replay(colourful(250 * 1000));
    const { vt } = session.snapshot();
    assert.ok(vt.length > 1024 * 1024, `${vt.length} characters repaint it`);
    // Bytes of the past that nobody can be sent any more.
    session.ring.append(Buffer.alloc(128 * 1024, "x"));
    const seen: string[] = [];
    const ch = linked.end.openChannel({
      closed: () => {},
      gap: (_from, to) => seen.push(`gap to ${to > 0 ? "there" : "nowhere"}`),
      snapshot: () => seen.push("snapshot"),
    });
    await linked.end.request("sessions.stream", { session: id, ch, from: 0 }, call);
    await waitUntil("a gap is told", () => seen.length > 0);
    assert.deepEqual(seen, ["gap to there"]);
  });
});

/** That many cells, each of another colour. */
function colourful(cells: number): Buffer {
  const cell = (index: number) => `\x1b[38;2;${index % 256};${(index >> 8) % 256};7mx`;
  return Buffer.from(Array.from({ length: cells }, (_, index) => cell(index)).join(""));
}

describe("a host that may go", () => {
  it("waits for what is in no file, and not for a worker to hear of what is", async () => {
    await using test = new TestHost();
    const linked = test.link();
    const { id } = await spawned(linked, [program("read-nothing")]);
    const record = breakRecord(test.stateDir, id);
    linked.cut();
    test.host.retire();
    await test.host.session(id).kill({ graceMs: 0, reason: "killed" });
    await waitUntil("its end is known", () => test.host.journal.range.last > 0);
    assert.equal(test.isDone, false);
    record.heal();
    await waitUntil("it goes", () => test.isDone);
    assert.ok(await new SessionFiles(test.stateDir, id).readExit());
  });
});

describe("an id of an input", () => {
  it("is its principal's at the server that was asked, whichever servers it came by", async () => {
    await using test = new TestHost();
    const linked = test.link();
    const { end } = linked;
    const { id: session } = await spawned(linked, [program("read-nothing")]);
    const type = async (...via: string[]) => {
      const p = { session, data: Buffer.from("x").toString("base64"), input_id: "a1" };
      const { duplicate } = (await end.request("sessions.input", p, { ...call, via })) as { duplicate?: true };
      return duplicate;
    };
    assert.deepEqual(await Promise.all([type("hub-1"), type("hub-2"), type("own")]), [undefined, undefined, undefined]);
    assert.deepEqual(await Promise.all([type("hub-1", "own"), type("hub-2"), type("own")]), [true, true, true]);
  });
});

describe("what a session host does not know, as a later worker may ask it", () => {
  it("is answered unsupported; members that nobody knows are dropped, and what does not fit is refused", async () => {
    await using test = new TestHost();
    const { end } = test.link();
    for (const op of ["sessions.levitate", "toString", "sessions.create", ""]) {
      await assert.rejects(end.request(op, {}, call), { code: "unsupported", details: { capability: op } });
    }
    assert.deepEqual(await end.request("sessions.list", { novelty: true }, call), []);
    await assert.rejects(end.request("sessions.get", { session: 5 }, call), { code: "invalid_body" });
  });
});

describe("how a host is", () => {
  it("is told when it changes, and to each new hub end, and not while there is nothing to tell", async () => {
    await using test = new TestHost();
    const first = test.link();
    assert.deepEqual(first.ticks, []);
    test.host.isBusy(0.6);
    assert.deepEqual(first.ticks, [{ busy: 0.6, retiring: false }]);
    first.cut();
    const second = test.link();
    assert.deepEqual(second.ticks, [{ busy: 0.6, retiring: false }]);
    await second.end.request("host.retire", {}, call);
    await second.end.request("host.retire", {}, call);
    assert.deepEqual(second.ticks.slice(1), [{ busy: 0.6, retiring: true }], "once");
  });
});

describe("a session whose time is over", () => {
  it("is ended with the reason, gently, and told like every end", async () => {
    const clock = new FakeClock();
    await using test = new TestHost({ clock });
    const linked = test.link();
    const goodbye = "trap 'echo goodbye; exit 0' HUP; echo ready; while :; do sleep 0.05; done";
    const spec = specOf(["/bin/sh", "-c", goodbye], { time_limit_ms: 60_000 });
    await linked.end.request("sessions.spawn", spec, call);
    const { ring } = test.host.session(spec.id);
    const text = () => readBytes(ring, { from: 0, to: ring.end }).toString();
    await waitUntil("it has begun", () => text().includes("ready"));
    await clock.advance(59_000);
    assert.equal(test.host.session(spec.id).end, null);
    await clock.advance(1_000);
    await waitUntil("it has ended", () => linked.events.length > 0);
    const [told] = linked.events.map(({ p }) => (p as EventData<"session.exited">).session);
    assert.deepEqual([told?.end_reason, told?.exit], ["time_limit", { code: 0 }]);
    assert.match(text(), /goodbye/);
    assert.equal(clock.sleeping, 0);
  });

  it("lives while somebody watches, and is over when it was quiet and unwatched for long enough", async () => {
    const clock = new FakeClock();
    await using test = new TestHost({ clock });
    const linked = test.link();
    const spec = specOf(["/bin/cat"], { idle_exit_ms: 60_000 });
    await linked.end.request("sessions.spawn", spec, call);
    const session = test.host.session(spec.id);
    const ch = linked.end.openChannel({ closed: () => {} });
    await linked.end.request("sessions.stream", { session: spec.id, ch, from: "now" }, call);
    await waitUntil("it is watched", () => session.unwatchedSinceMs === null);
    for (let minute = 0; minute < 5; minute += 1) await clock.advance(60_000);
    assert.equal(session.end, null, "somebody watches");
    // What real parts note is on the system's clock: the fake one is brought back to it.
    await clock.advance(performance.now() - clock.nowMs());
    linked.end.closeChannel(ch, "closed");
    await waitUntil("nobody watches", () => session.unwatchedSinceMs !== null);
    await clock.advance(59_000);
    assert.equal(session.end, null);
    await clock.advance(2_000);
    await waitUntil("its next look has come", async () => {
      await clock.advance(1_000);
      return session.end !== null;
    });
    assert.equal(session.info().end_reason, "idle_exit");
  });
});
