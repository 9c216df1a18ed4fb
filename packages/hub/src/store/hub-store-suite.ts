// What every store of the hub must do, whatever is beneath it. `open` opens the same place again and again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { madeSession } from "../fleet/fixtures/made-session.ts";
import {
  type AuditEntry,
  type EventRecord,
  type HubStore,
  JOIN_CODE_KEPT_MS,
  JOIN_CODES_MAX,
  type JoinCodeRecord,
  KEY_KEPT_MS,
  type KeyClaim,
  type MemberRecord,
  type TokenRecord,
  type ToldRecord,
  type WaitRecord,
} from "./hub-store.ts";

/** One place on a disk, and what is in it for whoever looks past the store. */
export interface StorePlace extends AsyncDisposable {
  open(options?: { keysMax: number }): HubStore;
  auditOnDisk(): Record<string, unknown>[];
}

export function entry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: new Date().toISOString(),
    request_id: "req_1",
    principal: "root",
    kind: "human",
    face: "http",
    address: "10.0.0.1",
    operation: "sessions.kill",
    session: "build",
    session_id: null,
    outcome: "ok",
    detail: "{}",
    ...more,
  };
}

const NOW_MS = 1_800_000_000_000;
const claim: KeyClaim = {
  principal: "root",
  operation: "sessions.create",
  key: "k1",
  body_hash: "aa",
  id: "ses_1",
  at_ms: NOW_MS,
};

function member(more: Partial<MemberRecord> = {}): MemberRecord {
  return {
    id: "srv_1",
    address: "http://10.0.1.10:7337",
    origin: "api",
    name: null,
    labels: { role: "web" },
    cordoned: false,
    draining: false,
    token: null,
    server: null,
    key: null,
    hostname: null,
    link_generation: 0,
    added_at: "2026-03-02T09:00:00.000Z",
    approved: true,
    revoked: false,
    ...more,
  };
}

function code(more: Partial<JoinCodeRecord> = {}): JoinCodeRecord {
  return {
    id: "jcd_1",
    secret_hash: "aa",
    name: "build-1",
    labels: { role: "build" },
    approve: true,
    expires_at_ms: NOW_MS + 1_000,
    used_at_ms: null,
    ...more,
  };
}

function token(more: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id: "tok_1",
    hash: "h",
    name: "ci",
    kind: "agent",
    verbs: ["observe", "input"],
    on: "*",
    tags: [],
    created_at: "2026-03-02T09:00:00.000Z",
    expires_at: "2026-04-01T09:00:00.000Z",
    last_used_at: null,
    ...more,
  };
}

function event(seq: number, more: Partial<EventRecord> = {}): EventRecord {
  return {
    seq,
    at: `2026-03-02T09:00:0${seq}.000Z`,
    type: "session.created",
    server: "web-1",
    server_id: "srv_1",
    session: "build",
    session_id: "ses_1",
    tags: ["ci"],
    data: '{"name":"build"}',
    ...more,
  };
}

const told: ToldRecord = {
  server_id: "srv_1",
  session_id: "ses_1",
  name: "build",
  tags: ["ci"],
  is_ended: false,
  is_away: true,
};

function waitRecord(id: string, usedMs: number): WaitRecord {
  return { id, kind: "wait", principal: "ci", asked: "{}", started_ms: 1, used_ms: usedMs };
}

export function hubStoreSuite(name: string, makePlace: () => StorePlace): void {
  describe(name, () => {
    it("has audit entries on disk when their promise resolves, in order, with every member", async () => {
      await using place = makePlace();
      const store = place.open();
      const entries = [entry(), entry({ session: null, address: null, request_id: null, outcome: "forbidden" })];
      await store.audit(entries);
      assert.deepEqual(
        place.auditOnDisk().map(({ seq: _, ...rest }) => rest),
        entries,
      );
    });

    it("lets go of audit entries whose time is over, and leaves their number", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.audit([
        entry({ at: "2001-01-01T00:00:00.000Z" }),
        entry({ at: "2001-01-02T00:00:00.000Z" }),
        entry(),
      ]);
      const marker = entry({ operation: "audit.expire" });
      assert.equal(await store.expireAudit("2001-01-03T00:00:00.000Z", marker), 2);
      assert.equal(await store.expireAudit("2001-01-03T00:00:00.000Z", marker), 0);
      const left = place.auditOnDisk().map(({ operation, detail }) => [operation, detail]);
      assert.deepEqual(left, [
        ["sessions.kill", "{}"],
        ["audit.expire", JSON.stringify({ entries: 2, before: "2001-01-03T00:00:00.000Z" })],
      ]);
    });

    it("refuses to let go of the young, and keeps all", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.audit([entry({ at: "2001-01-01T00:00:00.000Z" }), entry()]);
      await assert.rejects(store.expireAudit("9999-01-01T00:00:00.000Z", entry()), { name: "StoreError" });
      assert.equal(place.auditOnDisk().length, 2);
    });

    it("gives a key to the first who claims it, and says to others what became of it", async () => {
      await using place = makePlace();
      const store = place.open();
      const again = { ...claim, id: "ses_2" };
      const states = await Promise.all([store.claimKey(claim), store.claimKey(again)]);
      assert.deepEqual(states, [{ state: "new" }, { state: "open", id: "ses_1" }]);
      assert.deepEqual(await store.claimKey({ ...again, body_hash: "bb" }), { state: "other_body" });
      await store.answerKey(claim, '{"id":"ses_1"}');
      assert.deepEqual(await store.claimKey(again), { state: "answered", answer: '{"id":"ses_1"}' });
      assert.deepEqual(await store.claimKey({ ...again, body_hash: "bb" }), { state: "other_body" });
    });

    it("keeps the keys of principals and of operations apart", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.claimKey(claim);
      assert.deepEqual(await store.claimKey({ ...claim, principal: "ci" }), { state: "new" });
      assert.deepEqual(await store.claimKey({ ...claim, operation: "exec.start" }), { state: "new" });
    });

    it("gives a key that was freed to anybody", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.claimKey(claim);
      await store.freeKey(claim);
      assert.deepEqual(await store.claimKey({ ...claim, body_hash: "bb" }), { state: "new" });
    });

    it("keeps claims over a restart, and tells which were not answered", async () => {
      await using place = makePlace();
      const before = place.open();
      await before.claimKey(claim);
      await before.claimKey({ ...claim, key: "k2", id: "ses_2" });
      await before.answerKey({ ...claim, key: "k2" }, "{}");
      await before.close();
      const store = place.open();
      const { principal, operation, key, id } = claim;
      assert.deepEqual(await store.openClaims(), [{ principal, operation, key, id }]);
      assert.deepEqual(await store.claimKey({ ...claim, id: "ses_3" }), { state: "open", id: "ses_1" });
      assert.equal((await store.claimKey({ ...claim, key: "k2" })).state, "answered");
    });

    it("forgets a key after its day, and not before", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.claimKey(claim);
      const last = { ...claim, body_hash: "bb", at_ms: NOW_MS + KEY_KEPT_MS };
      assert.deepEqual(await store.claimKey(last), { state: "other_body" });
      assert.deepEqual(await store.claimKey({ ...last, at_ms: last.at_ms + 1 }), { state: "new" });
    });

    it("takes no more keys than it keeps, until the oldest have had their day", async () => {
      await using place = makePlace();
      const store = place.open({ keysMax: 2 });
      await store.claimKey(claim);
      await store.claimKey({ ...claim, key: "k2", at_ms: NOW_MS + 1 });
      const third = { ...claim, key: "k3", at_ms: NOW_MS + 2 };
      assert.deepEqual(await store.claimKey(third), { state: "full" });
      assert.deepEqual(await store.claimKey(claim), { state: "open", id: "ses_1" });
      assert.deepEqual(await store.claimKey({ ...third, at_ms: NOW_MS + KEY_KEPT_MS + 1 }), { state: "new" });
    });

    it("keeps members in the order of registration, and this server, as they were put last, over a restart", async () => {
      await using place = makePlace();
      const before = place.open();
      const second = member({ id: "srv_2", address: "https://b", name: "b", token: "gcm1.x", draining: true });
      await before.putMember(member());
      await before.putMember(second);
      const met = member({ server: "srv_9", key: "ed25519:k", hostname: "a", link_generation: 7, cordoned: true });
      await before.putMember(met);
      assert.equal(await before.ownServer(), null);
      await before.putOwnServer({ labels: {}, cordoned: true, draining: false });
      const own = { labels: { role: "hub" }, cordoned: false, draining: true };
      await before.putOwnServer(own);
      await before.close();
      const store = place.open();
      assert.deepEqual(await store.ownServer(), own);
      assert.deepEqual(await store.members(), [met, second]);
      await store.removeMember("srv_1");
      assert.deepEqual(await store.members(), [second]);
    });

    it("keeps tokens as they were added, with their last use, oldest first, over a restart", async () => {
      await using place = makePlace();
      const before = place.open();
      await before.addToken(token({ id: "tok_2", hash: "hh", kind: "human", on: "@env=a,!web-1", tags: ["b", "a"] }));
      await before.addToken(token());
      const used = { id: "tok_1", last_used_at: "2026-03-02T10:00:00.000Z" };
      await before.tokensUsed([used, { ...used, id: "tok_9" }]);
      await before.close();
      const store = place.open();
      const [first, second] = await store.tokens();
      assert.deepEqual(first, token(used));
      assert.deepEqual([second?.on, second?.tags, second?.kind], ["@env=a,!web-1", ["b", "a"], "human"]);
      await store.removeToken("tok_1");
      assert.deepEqual(await store.tokens(), [second]);
      await assert.rejects(store.addToken(token({ id: "tok_3", hash: "hh" })), { name: "StoreError" });
    });

    it("keeps events in their order, with what they have told, over a restart", async () => {
      await using place = makePlace();
      const before = place.open();
      const { id, ...empty } = await before.eventLog();
      assert.match(id, /^[0-9a-f]{8}$/);
      assert.deepEqual(empty, { first: 1, last: 0, last_at: null });
      const events = [
        event(1),
        event(2, { session: null, session_id: null, tags: [], type: "server.added" }),
        event(3),
      ];
      const { server_id, session_id } = told;
      const heard = { server_id, seq: 2 ** 52 };
      const at = "2026-03-02T09:00:00.000Z";
      const info = madeSession({ id: session_id });
      await before.writeEvents({ events, told: [{ server_id, session_id, told, info, at }], heard: [heard] });
      await before.close();
      const store = place.open();
      assert.deepEqual(await store.eventLog(), { id, first: 1, last: 3, last_at: event(3).at });
      assert.deepEqual(await store.eventsAfter(0, 10), events);
      assert.deepEqual(await store.eventsAfter(1, 1), [events[1]]);
      assert.deepEqual(await store.toldSessions(), [told]);
      assert.deepEqual(await store.heardServers(), [heard]);
      assert.deepEqual(await store.lastKnownSessions(), [{ server_id, info, at }]);
      const ended = { ...told, is_ended: true, is_away: false, name: "b", tags: [] };
      await store.writeEvents({ events: [], told: [{ server_id, session_id, told: ended, at: "later" }], heard: [] });
      assert.deepEqual(await store.toldSessions(), [ended]);
      assert.deepEqual(await store.lastKnownSessions(), [{ server_id, info, at }], "not said anew");
      await store.writeEvents({ events: [], told: [{ server_id, session_id: null, told: null, at }], heard: [] });
      assert.deepEqual(await store.toldSessions(), []);
      assert.deepEqual([await store.heardServers(), await store.lastKnownSessions()], [[], []]);
    });

    it("writes events all or not at all: a number that is taken is nobody else's", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.writeEvents({ events: [event(1)], told: [], heard: [] });
      const { server_id, session_id } = told;
      const batch = { events: [event(2), event(1)], told: [{ server_id, session_id, told, at: "" }], heard: [] };
      await assert.rejects(store.writeEvents(batch), { name: "StoreError" });
      assert.deepEqual(await store.eventsAfter(0, 10), [event(1)]);
      assert.deepEqual(await store.toldSessions(), []);
    });

    it("lets go of events from the front, by age and by number, and goes on counting where it was", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.writeEvents({ events: [1, 2, 3, 4, 5].map((seq) => event(seq)), told: [], heard: [] });
      assert.equal(await store.expireEvents(event(3).at, 10), 3);
      assert.equal(await store.expireEvents(event(3).at, 2), 4);
      assert.deepEqual(await store.eventsAfter(0, 10), [event(4), event(5)]);
      assert.equal(await store.expireEvents("9999-01-01T00:00:00.000Z", 10), 6);
      const { first, last } = await store.eventLog();
      assert.deepEqual([first, last], [6, 5]);
    });

    it("keeps a revoked key for ever, also when its member is removed", async () => {
      await using place = makePlace();
      const before = place.open();
      await before.revokeMember(member({ key: "ed25519:k", revoked: true }));
      await before.revokeMember(member({ key: "ed25519:k", revoked: true }));
      await before.revokeMember(member({ id: "srv_2", address: "https://b", revoked: true }));
      await before.removeMember("srv_1");
      await before.close();
      const store = place.open();
      assert.deepEqual(await store.revokedKeys(), ["ed25519:k"]);
      assert.deepEqual(
        (await store.members()).map(({ id, revoked }) => [id, revoked]),
        [["srv_2", true]],
      );
    });

    it("lets one of two members join with a code, and nobody after its time", async () => {
      await using place = makePlace();
      const store = place.open();
      assert.equal(await store.addJoinCode(code(), NOW_MS), true);
      assert.equal(await store.addJoinCode(code({ id: "jcd_2" }), NOW_MS), true);
      assert.deepEqual(await store.joinCode("jcd_1"), code());
      const join = (id: string, address: string, more: object = {}) =>
        store.joinMember({ code: "jcd_1", record: member({ id, address, origin: "join" }), at_ms: NOW_MS, ...more });
      assert.deepEqual(await Promise.all([join("srv_1", "link:1"), join("srv_2", "link:2")]), [true, false]);
      assert.deepEqual((await store.joinCode("jcd_1"))?.used_at_ms, NOW_MS);
      assert.equal(await join("srv_3", "link:3", { code: "jcd_2", at_ms: NOW_MS + 1_000 }), false);
      assert.equal(await join("srv_3", "link:3", { code: "jcd_9" }), false);
      assert.deepEqual(
        (await store.members()).map(({ id }) => id),
        ["srv_1"],
      );
    });

    it("keeps a bounded number of codes that can be used, and forgets the others after a day", async () => {
      await using place = makePlace();
      const store = place.open();
      const made = Array.from({ length: JOIN_CODES_MAX }, (_, at) => code({ id: `jcd_${at}` }));
      await Promise.all(made.map((one) => store.addJoinCode(one, NOW_MS)));
      const next = code({ id: "jcd_next", expires_at_ms: NOW_MS + 2 * JOIN_CODE_KEPT_MS });
      assert.equal(await store.addJoinCode(next, NOW_MS), false);
      assert.equal(await store.removeJoinCode("jcd_1", NOW_MS), true);
      assert.equal(await store.removeJoinCode("jcd_1", NOW_MS), false);
      assert.equal(await store.removeJoinCode("jcd_2", NOW_MS + 1_000), false);
      assert.equal(await store.addJoinCode(next, NOW_MS), true);
      assert.equal((await store.joinCode("jcd_2"))?.id, "jcd_2");
      await store.addJoinCode({ ...next, id: "jcd_later" }, NOW_MS + JOIN_CODE_KEPT_MS + 1_001);
      assert.equal(await store.joinCode("jcd_2"), null);
      assert.equal((await store.joinCode("jcd_next"))?.id, "jcd_next");
    });

    it("keeps what was waited for over a restart, and lets go of what was not used lately", async () => {
      await using place = makePlace();
      const before = place.open();
      await before.putWaitRecord(waitRecord("a", 1_000));
      await before.putWaitRecord(waitRecord("b", 1_000));
      await before.putWaitRecord({ ...waitRecord("b", 2_000), asked: '{"mode":"all"}' });
      await before.putWaitRecord(waitRecord("c", 3_000));
      await before.removeWaitRecords(["c"]);
      await before.close();
      const store = place.open();
      assert.deepEqual(await store.waitRecords(2_000), [{ ...waitRecord("b", 2_000), asked: '{"mode":"all"}' }]);
      assert.equal((await store.waitRecords(0)).length, 1);
    });

    it("refuses what is asked of it after it was closed", async () => {
      await using place = makePlace();
      const store = place.open();
      await store.check();
      await store.close();
      await assert.rejects(store.audit([entry()]), { name: "StoreError" });
      await assert.rejects(store.check(), { name: "StoreError" });
    });
  });
}
