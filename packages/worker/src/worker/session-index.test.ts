// Holds the index of sessions to its decisions: whose a name is, which number comes next, what a reference means, and what
// retention lets go.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import fc from "fast-check";
import { ENDED_KEPT_MS, ENDED_MAX, type Entry, rowOf, SessionIndex } from "./session-index.ts";

const NOON_MS = Date.parse("2026-03-01T12:00:00.000Z");

function infoOf(entry: Entry, more: Partial<SessionInfo> = {}): SessionInfo {
  return { id: entry.id, name: entry.name, ...more } as SessionInfo;
}

/** A live session. */
function live(index: SessionIndex, id: string, name?: string): Entry {
  const entry = index.reserve(id, name);
  index.started(entry, "host", infoOf(entry));
  return entry;
}

/** One that ended at that moment. */
function ended(index: SessionIndex, parts: { id: string; name: string; atMs: number }): Entry {
  const entry = live(index, parts.id, parts.name);
  index.ended(entry, infoOf(entry, { exited_at: new Date(parts.atMs).toISOString() }));
  return entry;
}

const conflict = { code: "session_name_conflict" };
const notFound = { code: "session_not_found" };

describe("the names of sessions", () => {
  it("are taken from the moment that one is asked for, also by two at once, until its session ends", () => {
    const index = new SessionIndex(0);
    const entry = index.reserve("ses_a", "build");
    assert.throws(() => index.reserve("ses_b", "build"), conflict);
    index.started(entry, "host", infoOf(entry));
    assert.throws(() => index.reserve("ses_b", "build"), { ...conflict, message: /"build".*another name/ });
    index.ended(entry, infoOf(entry));
    assert.equal(index.reserve("ses_b", "build").name, "build");
  });

  it("are free again when the session could not be made", () => {
    const index = new SessionIndex(0);
    index.forget(index.reserve("ses_a", "build"));
    assert.equal(live(index, "ses_b", "build").state, "live");
    assert.throws(() => index.find("ses_a"), notFound);
  });

  it("stay with a newer session when an older one of that name is forgotten", () => {
    const index = new SessionIndex(0);
    const old = ended(index, { id: "ses_old", name: "build", atMs: NOON_MS });
    const now = live(index, "ses_now", "build");
    index.forget(old);
    assert.equal(index.find("build"), now);
    assert.throws(() => index.reserve("ses_c", "build"), conflict);
  });

  it("are never a number again that a session has which only its host knew", () => {
    const index = new SessionIndex(3);
    const found = (id: string, name: string): Entry => {
      const info = { id, name } as SessionInfo;
      return { id, name, state: "live", hostId: "host", info, isHidden: false, isInHost: false };
    };
    const entry = index.discover(found("ses_a", "5"));
    index.discover(found("ses_b", "07"));
    index.ended(entry, infoOf(entry));
    assert.deepEqual([index.reserve("ses_c", undefined).name, index.counter], ["6", 7]);
  });

  it("are numbers, from the counter on, where none is given", () => {
    const index = new SessionIndex(7);
    assert.deepEqual([live(index, "ses_a").name, live(index, "ses_b").name, index.counter], ["7", "8", 9]);
  });

  it("skip a number that somebody took as a name", () => {
    const index = new SessionIndex(0);
    live(index, "ses_a", "0");
    live(index, "ses_b", "1");
    assert.equal(live(index, "ses_c").name, "2");
  });

  it("are never given twice as numbers: not after an end, a refusal or a restart", () => {
    const index = new SessionIndex(0);
    const first = live(index, "ses_a");
    index.ended(first, infoOf(first));
    index.forget(index.reserve("ses_b", undefined));
    assert.equal(live(index, "ses_c").name, "2");
    assert.equal(live(new SessionIndex(index.counter), "ses_d").name, "3");
  });

  it("are unique among the living, whatever is made, ended and forgotten", () => {
    const name = fc.option(fc.constantFrom("0", "1", "2", "build"), { nil: undefined });
    const step = fc.record({ act: fc.constantFrom("make", "end", "forget"), name, which: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { size: "max", maxLength: 60 }), (steps) => {
        const index = new SessionIndex(0);
        const made: Entry[] = [];
        for (const [n, { act, name, which }] of steps.entries()) {
          const entry = made[which % Math.max(made.length, 1)];
          if (act === "make") {
            try {
              made.push(live(index, `ses_${n}`, name));
            } catch (refusal) {
              assert.equal((refusal as { code: string }).code, "session_name_conflict");
            }
          } else if (entry && act === "end" && entry.state === "live") index.ended(entry, infoOf(entry));
          else if (entry && act === "forget") index.forget(entry);
          const names = index.live().map((one) => one.name);
          assert.equal(new Set(names).size, names.length, names.join(" "));
          assert.equal(index.liveCount, names.length);
          for (const one of index.live()) assert.equal(index.find(one.name), one);
        }
      }),
    );
  });
});

describe("a name that is given to a live session", () => {
  it("is nobody else's from when it is asked for, and the old one is nobody's until that is recorded", () => {
    const index = new SessionIndex(0);
    const entry = live(index, "ses_a", "build");
    index.claim("test");
    for (const name of ["build", "test"]) assert.throws(() => index.reserve("ses_b", name), conflict);
    assert.throws(() => index.claim("test"), conflict);
    assert.equal(index.find("build"), entry);
    index.relabelled(entry, infoOf(entry, { name: "test", tags: ["a"] }));
    for (const name of ["build", "test"]) assert.throws(() => index.reserve("ses_b", name), conflict);
    assert.equal(index.find("test"), entry);
    assert.throws(() => index.find("build"), notFound);
    index.release(["build", "test"]);
    assert.throws(() => index.reserve("ses_b", "test"), conflict);
    assert.equal(live(index, "ses_b", "build").name, "build");
    assert.deepEqual([index.liveCount, entry.info?.tags], [2, ["a"]]);
  });

  it("stays with the session when its end is told before the name is known here", () => {
    const index = new SessionIndex(0);
    const entry = live(index, "ses_a", "build");
    index.claim("test");
    index.ended(entry, infoOf(entry, { name: "test", state: "exited" }));
    index.relabelled(entry, infoOf(entry, { name: "test", tags: [], state: "running" }));
    index.release(["build", "test"]);
    assert.deepEqual([index.find("test"), entry.info?.state, index.liveCount], [entry, "exited", 0]);
  });
});

describe("a reference to a session", () => {
  it("means an id first, then the live session of that name, then the one that ended last", () => {
    const index = new SessionIndex(0);
    const older = ended(index, { id: "ses_1", name: "build", atMs: NOON_MS - 1_000 });
    const newer = ended(index, { id: "ses_2", name: "build", atMs: NOON_MS });
    ended(index, { id: "ses_3", name: "build", atMs: NOON_MS - 2_000 });
    assert.equal(index.find("build"), newer);
    const now = live(index, "ses_4", "build");
    assert.equal(index.find("build"), now);
    assert.equal(index.find("ses_1"), older);
    const misleading = live(index, "ses_5", "ses_1");
    assert.equal(index.find("ses_1"), older);
    assert.equal(index.find("ses_5"), misleading);
  });

  it("finds a killed session by its id alone", () => {
    const index = new SessionIndex(0);
    const killed = ended(index, { id: "ses_a", name: "build", atMs: NOON_MS });
    killed.isHidden = true;
    assert.equal(index.find("ses_a"), killed);
    assert.throws(() => index.find("build"), { ...notFound, message: /"build" not found; list the sessions/ });
  });

  it("finds nothing of a session that is still being made", () => {
    const index = new SessionIndex(0);
    index.reserve("ses_a", "build");
    for (const reference of ["ses_a", "build"]) assert.throws(() => index.find(reference), notFound);
    assert.deepEqual([index.live(), index.allEnded()], [[], []]);
  });
});

describe("retention", () => {
  it("lets go of what ended more than an hour ago, oldest first, and of nothing else", () => {
    const index = new SessionIndex(0);
    const at = (id: string, agoMs: number) => ended(index, { id, name: id, atMs: NOON_MS - agoMs });
    const [late, later, young] = [at("a", ENDED_KEPT_MS + 1), at("b", ENDED_KEPT_MS + 9), at("c", ENDED_KEPT_MS)];
    live(index, "d", "old-but-alive");
    index.reserve("e", "being-made");
    assert.deepEqual(index.expired(NOON_MS), [later, late]);
    assert.deepEqual(index.expired(NOON_MS + 1), [later, late, young]);
  });

  it("keeps the newest 200 that ended, however many live", () => {
    const index = new SessionIndex(0);
    for (let n = 0; n < 300; n += 1) live(index, `live-${n}`);
    const kept = Array.from({ length: ENDED_MAX + 2 }, (_, n) =>
      ended(index, { id: `ended-${n}`, name: `ended-${n}`, atMs: NOON_MS - 1_000 + n }),
    );
    assert.deepEqual(index.expired(NOON_MS), kept.slice(0, 2));
    for (const entry of index.expired(NOON_MS)) index.forget(entry);
    assert.deepEqual(index.expired(NOON_MS), []);
    assert.deepEqual([index.liveCount, index.allEnded().length], [300, ENDED_MAX]);
  });
});

describe("what the index takes over and gives away", () => {
  it("knows the sessions of an earlier run as they were", () => {
    const before = new SessionIndex(0);
    live(before, "ses_a", "build");
    ended(before, { id: "ses_b", name: "test", atMs: NOON_MS }).isHidden = true;
    const rows = [...before.live(), ...before.allEnded()].map(rowOf);
    const index = new SessionIndex(before.counter);
    for (const row of rows) index.adopt({ ...row, isInHost: false });
    assert.deepEqual([...index.live(), ...index.allEnded()].map(rowOf), rows);
    assert.throws(() => index.reserve("ses_c", "build"), conflict);
    assert.throws(() => index.find("test"), notFound);
    assert.deepEqual(
      index.liveOn("host").map(({ id }) => id),
      ["ses_a"],
    );
    assert.deepEqual(index.liveOn("another"), []);
    assert.deepEqual([...index.countByHost()], [["host", index.liveOn("host").length]]);
  });

  it("never records a session that was not started", () => {
    const index = new SessionIndex(0);
    assert.throws(() => rowOf(index.reserve("ses_a", "build")), /has been started/);
  });
});
