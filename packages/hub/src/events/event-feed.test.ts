// How many may follow the events of a server at once, and that who leaves makes room.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EVERYTHING } from "../auth/scope.ts";
import type { Caller } from "../calls.ts";
import { EventFeed, type EventStream } from "./event-feed.ts";
import type { EventLog } from "./event-log.ts";

const log = { id: "00000000", last: 0, first: 1, listen: () => () => {} } as unknown as EventLog;
const fleet = () => ({ servers: () => [], idOf: (id: string) => id });
const callerOf = (principal: string) =>
  ({ actor: { principal }, credential: { facts: { scope: EVERYTHING } } }) as unknown as Caller;

function openFeed(): EventFeed {
  return new EventFeed({ log, fleet, own: { id: "srv_1", hostname: "hub-1" } });
}

describe("a feed of events", () => {
  it("has room for 256 streams, and again for one when one ends", () => {
    const feed = openFeed();
    const ci = callerOf("ci");
    const streams = Array.from({ length: 256 }, () => feed.follow({}, ci));
    const refusal = { code: "resource_limit_reached", details: { limit: "event_streams", max: 256 } };
    assert.throws(() => feed.follow({}, ci), refusal);
    const [first] = streams as [EventStream];
    for (let once = 0; once < 2; once += 1) first.close();
    feed.follow({}, ci);
    assert.throws(() => feed.follow({}, ci), refusal);
    assert.throws(() => openFeed().follow({ cursor: "ev_" }, ci), { code: "invalid_cursor" });
  });

  it("has room for 256 WebSockets of the fleet beside them", () => {
    const feed = openFeed();
    const ci = callerOf("ci");
    const sockets = Array.from({ length: 256 }, () => feed.follow({}, ci, "sockets"));
    const refusal = { code: "resource_limit_reached", details: { limit: "sockets", max: 256 } };
    assert.throws(() => feed.follow({}, ci, "sockets"), refusal);
    feed.follow({}, ci);
    sockets[0]?.close();
    feed.follow({}, ci, "sockets");
    assert.deepEqual([feed.streams, feed.sockets], [1, 256]);
  });

  it("answers all who wait when it closes", async () => {
    const feed = openFeed();
    const { signal } = new AbortController();
    const waits = ["ci", "other"].map((principal) => feed.poll({}, { caller: callerOf(principal), signal }));
    feed.close();
    const answer = { events: [], cursor: "ev_00000000_0", gaps: [] };
    assert.deepEqual(await Promise.all(waits), [answer, answer]);
    await assert.doesNotReject(feed.poll({}, { caller: callerOf("ci"), signal: AbortSignal.abort() }));
  });
});
