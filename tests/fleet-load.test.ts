// A large fleet that is lost and comes back at once: its hub is killed, or all of its links are cut. It recovers by itself,
// everybody is there once, what people are told is short, and whoever works beside it notices nothing.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  allAre,
  assertEach,
  eventsSince,
  healthSince,
  MEMBERS,
  memberNames,
  newestCursor,
  SESSIONS,
  sessionsOf,
} from "./harness/emulated-fleet.ts";
import { EmulatedMembers, register } from "./harness/emulated-members.ts";
import { FaultProxy } from "./harness/fault-proxy.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { Typist } from "./harness/typist.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Pairs of `order` that are the other way round than in `before`. */
function turnedRound(before: readonly string[], order: readonly string[]): number {
  const places = order.map((one) => before.indexOf(one));
  return places.reduce((sum, place, at) => sum + places.slice(at + 1).filter((later) => later < place).length, 0);
}

/** By chance half of all pairs are turned round, fewer when they were lost over some time; in step none is. */
const TURNED_ROUND_MIN = (MEMBERS * (MEMBERS - 1)) / 2 / 100;

describe("a hub with 200 members and a real one", () => {
  const stack = new AsyncDisposableStack();
  let fleet: TestFleet;
  let members: EmulatedMembers;
  let proxy: FaultProxy;

  before(async () => {
    fleet = stack.use(await startFleet({ members: ["real"] }));
    members = stack.use(await EmulatedMembers.listen({ members: MEMBERS, sessions: SESSIONS }));
    proxy = stack.use(await FaultProxy.open({ host: "127.0.0.1", port: members.port }, "tcp"));
    await register(fleet.hub, { port: proxy.port, members: MEMBERS });
    await allAre(fleet.hub, "healthy");
  });
  after(() => stack.disposeAsync());

  const greetings = () => members.all.map((member) => member.greetings.count);
  const oneMore = (before: readonly number[]) => before.map((count) => count + 1);

  /** Resolves when each has been dialled since, and is healthy. */
  async function allAreBack(before: readonly number[]): Promise<void> {
    const are = () => greetings().every((count, at) => count > (before[at] ?? 0));
    await waitUntil("each has been dialled again", are, { deadlineMs: 90_000, seen: () => members.dialled.length });
    await allAre(fleet.hub, "healthy");
  }

  it("has them all back when all their links are cut at once, while somebody types beside them", async () => {
    const { hub } = fleet;
    await using typist = await Typist.start(hub.socketPath, "beside", "real");
    const [cursor, sessions, before] = [await newestCursor(hub), await sessionsOf(hub), greetings()];
    const dialledBefore = members.dialled.length;
    const { since } = await fleet.server("real");
    await typist.goesOn();
    proxy.cut();
    proxy.heal();
    // Whoever dials waits: nobody is back before the last is lost.
    proxy.freeze();
    await allAre(hub, "unavailable");
    await typist.goesOn();
    proxy.heal();
    await allAreBack(before);
    await typist.goesOn();

    assert.deepEqual(await sessionsOf(hub), sessions);
    assert.deepEqual(greetings(), oneMore(before), "a member was dialled once more than it was lost");
    const told = await healthSince(hub, cursor);
    assertEach(told, "healthy unavailable connecting healthy");
    const [alarm, ...more] = await eventsSince(hub, cursor, "fleet.alarm");
    assert.deepEqual([alarm?.data["kind"], more], ["many_servers_silent", []]);
    const lost = told.filter(({ data }) => data["to"] === "unavailable").map(({ server }) => server);
    const dialled = members.dialled.slice(dialledBefore).map((at) => memberNames[at] ?? "");
    assert.ok(turnedRound(lost, dialled) > TURNED_ROUND_MIN, "they were dialled in step");
    assert.equal((await fleet.server("real")).since, since, "it was lost too");
    await typist.stop();
    assert.equal(typist.connections, 1);
  });

  it("has them all back when it is killed, and when it is stopped, and says that to nobody as an alarm", async () => {
    const { hub } = fleet;
    await using typist = await Typist.start(hub.socketPath, "over-it", "real");
    const sessions = await sessionsOf(hub);
    for (const end of ["kill", "stop"] as const) {
      const [cursor, before] = [await newestCursor(hub), greetings()];
      await typist.goesOn();
      await hub[end]();
      await hub.start();
      await allAreBack(before);
      await fleet.becomes("real", "healthy");
      await typist.goesOn();
      assert.deepEqual(await sessionsOf(hub), sessions);
      assert.deepEqual(greetings(), oneMore(before), end);
      assertEach(await healthSince(hub, cursor), "connecting healthy");
      assert.deepEqual(await eventsSince(hub, cursor, "fleet.alarm"), [], end);
    }
    assert.ok(members.all.every((member) => member.greetings.mostAtOnce === 1));
    await typist.stop();
    assert.equal(typist.connections, 3);
  });
});
