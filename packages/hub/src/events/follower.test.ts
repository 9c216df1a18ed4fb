// The log and who follows it: everything once and in its order, from the disk and as it comes, over a disk that refuses and a
// reader that does not read.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { pino } from "pino";
import { madeSession } from "../fleet/fixtures/made-session.ts";
import type { EventBatch, EventRecord } from "../store/hub-store.ts";
import { SqliteHubStore } from "../store/sqlite-hub-store.ts";
import { EventLog, type NewEvent } from "./event-log.ts";
import { type Followed, Follower, type FollowerOptions } from "./follower.ts";

const own = { id: "srv_1", hostname: "hub-1" };

function event(session: string): NewEvent {
  const about = { server: "hub-1", server_id: "srv_1", session_id: `ses_${session}`, tags: [], data: "{}" };
  return { ...about, type: "session.created", session };
}

/** A log on a disk of its own, with the few verbs that these stories need. */
class TestLog implements AsyncDisposable {
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly path = join(this.#folder.path, "hub.db");
  readonly store = new SqliteHubStore({ path: this.path });
  log: EventLog = undefined as never;

  static async open(options: { keptMax?: number; waitingMax?: number } = {}): Promise<TestLog> {
    const made = new TestLog();
    made.log = await EventLog.open({ store: made.store, own, log: pino({ level: "silent" }), ...options });
    return made;
  }

  add(...sessions: readonly string[]): void {
    this.log.add(sessions.map(event));
  }

  /** Resolves when the event of this number is told. */
  async told(seq: number): Promise<void> {
    while (this.log.last < seq) await new Promise(setImmediate);
  }

  follow(more: Partial<FollowerOptions> = {}): Follower {
    return new Follower({ log: this.log, filter: () => true, after: this.log.last, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log.close();
    await this.store.close();
    this.#folder.remove();
  }
}

const namesOf = (items: readonly Followed[]) =>
  items.map((item) => ("gap" in item ? `gap ${item.gap.reason} ${item.gap.dropped}` : (item.session ?? item.type)));

async function take(follower: Follower, count: number, max = 100): Promise<readonly string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(...namesOf(await follower.next(max)));
  return taken;
}

describe("who follows the event log", () => {
  it("has each event once, in order, from the disk and as it comes", async () => {
    await using test = await TestLog.open();
    test.add("a", "b");
    await test.told(2);
    const follower = test.follow({ after: 0 });
    const taking = take(follower, 5, 1);
    test.add("c");
    await test.told(3);
    test.add("d", "e");
    assert.deepEqual(await taking, ["a", "b", "c", "d", "e"]);
    assert.equal(follower.position, 5);
    follower.close();
    assert.deepEqual(await follower.next(9), []);
  });

  it("moves on past what was not asked for", async () => {
    await using test = await TestLog.open();
    const follower = test.follow({ filter: ({ session }) => session === "c" });
    const taking = take(follower, 1);
    test.add("a", "b", "c", "d");
    await test.told(4);
    assert.deepEqual(await taking, ["c"]);
    assert.equal(follower.position, 4);
    follower.close();
  });

  it("loses what was queued when it does not take it, is told how much, and costs nobody else anything", async () => {
    await using test = await TestLog.open();
    const slow = test.follow({ queueMax: 2 });
    const quick = test.follow();
    const first = Promise.all([take(slow, 1), take(quick, 1)]);
    test.add("a");
    await first;
    test.add("b", "c", "d", "e", "f");
    await test.told(6);
    assert.deepEqual(await take(quick, 5), ["b", "c", "d", "e", "f"]);
    assert.deepEqual(namesOf(await slow.next(9)), ["gap slow_reader 4"]);
    // Whoever comes back from here has the rest of it from the disk.
    assert.equal(slow.position, 5);
    assert.deepEqual(await take(slow, 1), ["f"]);
    test.add("g");
    assert.deepEqual(await take(slow, 1), ["g"]);
    for (const follower of [slow, quick]) follower.close();
  });

  it("has what came to the disk while it read there once, though the log tells it afterwards", async () => {
    const records = ["a", "b", "c"].map((name, index) => ({ ...event(name), seq: index + 1, at: "" }));
    let tell = (_: readonly EventRecord[]) => {};
    const log = {
      last: 1,
      after: async (seq: number) => records.slice(seq, 2),
      listen: (listener: typeof tell) => {
        tell = listener;
        return () => {};
      },
    };
    const follower = new Follower({ log, filter: () => true, after: 0 });
    assert.deepEqual(await take(follower, 2), ["a", "b"]);
    const taking = take(follower, 1);
    await new Promise(setImmediate);
    tell(records.slice(1));
    assert.deepEqual(await taking, ["c"]);
    follower.close();
  });

  it("is told what is kept no more, and goes on with what is", async () => {
    await using test = await TestLog.open({ keptMax: 2 });
    test.add("a", "b", "c", "d");
    await test.told(4);
    await test.log.expire(Date.now());
    assert.deepEqual([test.log.first, test.log.last], [3, 4]);
    for (const after of [0, 1]) {
      const follower = test.follow({ after });
      assert.deepEqual(await take(follower, 3), ["gap cursor_expired null", "c", "d"], `after ${after}`);
      follower.close();
    }
    for (const after of [null, 99]) {
      const follower = test.follow({ after });
      assert.deepEqual(namesOf(await follower.next(9)), ["gap cursor_expired null"]);
      assert.equal(follower.position, 4);
      follower.close();
    }
    const exact = test.follow({ after: 2 });
    assert.deepEqual(await take(exact, 2), ["c", "d"]);
    exact.close();
  });
});

describe("the event log", () => {
  it("tells nothing that is not on the disk; what the disk refuses is told when it takes it, and what had no room is counted", async () => {
    await using test = await TestLog.open({ waitingMax: 2 });
    using other = new DatabaseSync(test.path);
    other.exec("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END");
    const follower = test.follow();
    const taking = take(follower, 3);
    test.add("a");
    while (test.log.isWell) await new Promise(setImmediate);
    test.add("b", "c", "d");
    assert.equal(test.log.last, 0);
    other.exec("DROP TRIGGER full");
    assert.deepEqual(await taking, ["a", "b", "gap"]);
    const [, , gap] = await test.store.eventsAfter(0, 9);
    assert.equal(JSON.parse(gap?.data ?? "{}").dropped, 2);
    follower.close();
  });

  it("lets what may wait go with what comes soon, unless somebody follows", async (t) => {
    await using test = await TestLog.open();
    // Nothing is written by time alone.
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const written: string[] = [];
    const write = test.store.writeEvents.bind(test.store);
    t.mock.method(test.store, "writeEvents", (batch: EventBatch) => {
      written.push(namesOf(batch.events).join(" "));
      return write(batch);
    });
    const pass = (session: string) => test.log.add([event(session)], { mayWait: true });
    const turns = async () => {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      await test.store.check();
    };
    pass("a");
    await turns();
    test.add("b");
    await test.told(2);
    pass("c");
    pass("d");
    await turns();
    assert.deepEqual(written, ["a b"]);
    t.mock.timers.tick(100);
    await test.told(4);
    pass("e");
    const follower = test.follow();
    await test.told(5);
    pass("f");
    await test.told(6);
    follower.close();
    pass("g");
    await test.log.close();
    assert.deepEqual(written, ["a b", "c d", "e", "f", "g"]);
  });

  it("keeps a session as it was told, also when less is said of it next", async () => {
    await using test = await TestLog.open();
    const { log, store } = test;
    const told = { server_id: "srv_2", session_id: "ses_a", name: "a", tags: [], is_ended: false, is_away: false };
    const change = { server_id: "srv_2", session_id: "ses_a", told };
    const info = madeSession({ id: "ses_a" });
    log.add([event("a")], { told: [{ ...change, info }] });
    log.add([event("a")], { told: [{ ...change, told: { ...told, is_away: true } }] });
    await test.told(2);
    const [known] = await store.lastKnownSessions();
    assert.deepEqual([known?.info, (await store.toldSessions())[0]?.is_away], [info, true]);
    log.add([event("a")], { told: [{ ...change, info }] });
    log.add([event("a")], { told: [{ ...change, told: null }] });
    await test.told(4);
    assert.deepEqual(await store.lastKnownSessions(), []);
  });

  it("numbers on where it ended, over a restart", async () => {
    await using test = await TestLog.open();
    test.add("a", "b");
    await test.log.close();
    const { id, last } = test.log;
    test.log = await EventLog.open({ store: test.store, own, log: pino({ level: "silent" }) });
    assert.deepEqual([test.log.id, test.log.last, last], [id, 2, 2]);
    test.add("c");
    await test.told(3);
    assert.deepEqual(
      (await test.store.eventsAfter(0, 9)).map(({ seq, session }) => `${seq} ${session}`),
      ["1 a", "2 b", "3 c"],
    );
  });
});
