// Many workers behind one address that dial their hub at the same time: it greets some at a time, so that strangers cost it
// little, and yet all get in.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HubLink } from "@fleetty/worker/hub-link/hub-link";
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
import { EmulatedMember } from "./harness/emulated-member.ts";
import { someAtOnce, workerLink } from "./harness/emulated-members.ts";
import { freePort } from "./harness/free-port.ts";
import { startServer, type TestServer } from "./harness/server.ts";

describe("200 workers on one address that dial their hub at once", () => {
  const stack = new AsyncDisposableStack();
  let hub: TestServer;
  let links: HubLink[];

  before(async () => {
    const port = await freePort();
    hub = stack.use(await startServer({ args: ["--hostname", "hub-1", "--bind", `127.0.0.1:${port}`] }));
    const codes: string[] = [];
    await someAtOnce(MEMBERS, async (at) => {
      const { json } = await hub.ask({ path: "/servers/join-codes", body: {} });
      codes[at] = json.code;
    });
    const url = `http://127.0.0.1:${port}`;
    links = memberNames.map((name, at) =>
      workerLink(new EmulatedMember(name, SESSIONS), { url, code: codes[at] ?? "" }),
    );
    for (const link of links) stack.defer(() => link.close());
  });
  after(() => stack.disposeAsync());

  /** Upgrades that were refused because too many were under way. */
  async function turnedAway(): Promise<number> {
    const { body } = await hub.ask({ path: "/metrics" });
    const counted = /requests_total\{operation="none",code="resource_limit_reached"\} (\d+)/.exec(body.toString());
    return Number(counted?.[1] ?? 0);
  }

  it("all get in, by their codes and, when the hub has been killed, by their keys", async () => {
    for (const link of links) link.start();
    await allAre(hub, "healthy");
    assert.ok((await turnedAway()) > 0, "they were never too many");
    const sessions = await sessionsOf(hub);

    const cursor = await newestCursor(hub);
    await hub.kill();
    await hub.start();
    await allAre(hub, "healthy");
    assert.deepEqual(await sessionsOf(hub), sessions);
    assertEach(await healthSince(hub, cursor), "connecting healthy");
    assert.deepEqual(await eventsSince(hub, cursor, "fleet.alarm"), []);
  });
});
