// What an id of an input means over members, the dialled and the joined: answers after everything in between was started again,
// names of different people kept apart, and the truth about an input whose link was lost while it was under way.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FaultyFleet, MEMBERS, type MemberName } from "./harness/faulty-fleet.ts";
import type { Answer } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

let faulty: FaultyFleet;

before(async () => {
  faulty = await FaultyFleet.open();
});
after(() => faulty[Symbol.asyncDispose]());

/** A program that prints what it reads, made visible, behind "ready ". */
function startReading(server: MemberName, name: string): Promise<TestSession> {
  return TestSession.start(faulty.hub.socketPath, name, { argv: [fixture("read-raw")], server, ready: "ready" });
}

function inputUnder(id: string, body: string, query = "") {
  return (session: TestSession): Promise<Answer> => session.ask(`/input?input_id=${id}${query}`, { body });
}

/** Resolves when it shows exactly that, and nothing more comes before a mark that is typed now. */
async function assertRead(session: TestSession, typed: string): Promise<void> {
  await session.type("|end");
  await session.shows(`\\|end`);
  const { json } = await session.ask("/screen?format=plain");
  assert.equal(json.lines.join("").trim(), `ready ${typed}|end`);
}

for (const member of MEMBERS) {
  describe(`an input under an id, on the ${member} member`, () => {
    it("answers as the first time after hub and member were killed, and is no other input", async () => {
      const session = await startReading(member, `kept-${member}`);
      const type = inputUnder("a1", "once,");
      const { json: first } = await type(session);
      const { generation, offset } = first;
      assert.deepEqual(first, { generation, offset, input_id: "a1" });
      const again = { ...first, duplicate: true };
      assert.deepEqual((await type(session)).json, again);
      await faulty.restartHub();
      await faulty.fleet.becomes(member, "healthy");
      assert.deepEqual((await type(session)).json, again);
      await faulty.restart(member);
      await waitUntil("it is answered again", async () => (await type(session)).status === 200);
      assert.deepEqual((await type(session)).json, again);
      assertRefused(await inputUnder("a1", "other")(session), "input_id_conflict");
      const keys = { body: { keys: [{ text: "once," }], input_id: "a1" } };
      assertRefused(await session.ask("/keys", keys), "input_id_conflict");
      const other = await inputUnder("a1", "of another client", "&client=tab")(session);
      assert.deepEqual([other.status, other.json.duplicate], [200, undefined]);
      await assertRead(session, "once,of another client");
    });

    it("that was under way when its link was lost is not typed by itself, and nothing false is said of it", async () => {
      const session = await startReading(member, `lost-${member}`);
      const { hub, proxies, fleet } = faulty;
      // Requests go up to a member that is dialled, and down to one that dials.
      const [towards, back] = member === "dialled" ? (["up", "down"] as const) : (["down", "up"] as const);
      const said = (answer: Answer) => [answer.status, answer.json.error?.details.may_have_run];
      const lose = async (direction: "up" | "down", input: string) => {
        proxies[member].cut(direction);
        const answer = await session.ask("/input", { body: input });
        assert.deepEqual(said(answer), [503, "unknown"], answer.body.toString());
        await fleet.becomes(member, "unavailable");
        assert.deepEqual(said(await session.ask("/input", { body: "away," })), [503, false]);
        proxies[member].heal();
        await fleet.becomes(member, "healthy");
      };
      await lose(towards, "never came,");
      await lose(back, "came,");
      faulty[member].freeze();
      const frozen = session.ask("/input", { body: "asked of the dead," });
      await waitUntil("it is under way", async () => (await hub.ask({ path: "/health" })).status === 200);
      await faulty[member].kill();
      assert.deepEqual(said(await frozen), [503, "unknown"]);
      await faulty[member].start();
      await fleet.becomes(member, "healthy");
      await assertRead(session, "came,");
    });
  });
}

describe("two hubs of one member, and the member itself", () => {
  let other: TestServer;

  before(async () => {
    other = await startServer({ args: ["--hostname", "hub-2"] });
    const { host, port } = await faulty.dialled.tcp();
    const body = { address: `http://${host}:${port}`, token: faulty.dialled.token };
    assert.equal((await other.ask({ path: "/servers", body })).status, 201);
    const healthy = async () => (await other.ask({ path: "/servers/dialled" })).json.health === "healthy";
    await waitUntil("the other hub has it too", healthy);
  });
  after(() => other[Symbol.asyncDispose]());

  it("have people of the same name, who do not take each other's ids", async () => {
    await faulty.fleet.becomes("dialled", "healthy");
    const session = await startReading("dialled", "shared");
    const asked = { path: "/sessions/shared/input?input_id=a1", body: "x" };
    for (const server of [faulty.hub, other, faulty.dialled]) {
      const first = await server.ask(asked);
      assert.deepEqual([first.status, first.json.duplicate], [200, undefined], first.body.toString());
      assert.equal((await server.ask(asked)).json.duplicate, true);
    }
    await assertRead(session, "xxx");
  });
});
