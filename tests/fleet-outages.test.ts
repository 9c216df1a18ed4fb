// Outages of many minutes between hosts in network namespaces, and a hub that dies inside each of them: no session ends that
// does not end by itself, what does end is told once, and all that was printed and typed comes.
//
// A second of these stories is a fifteenth of one: the hub gives up a member after 2 s, where it takes 30 by default.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CutPair } from "./harness/cut-pair.ts";
import { EventReader } from "./harness/event-reader.ts";
import { whyNoNetwork } from "./harness/network.ts";
import { NetworkFleet } from "./harness/network-fleet.ts";
import { assertRefused } from "./harness/refused.ts";
import { TestSession } from "./harness/session.ts";
import { printsOn } from "./harness/traffic.ts";

const SILENCE_MS = 2_000;
const SECOND_MS = SILENCE_MS / 30;
const OUTAGES = [
  { seconds: 240, direction: "both" },
  { seconds: 400, direction: "in" },
  { seconds: 700, direction: "out" },
] as const;
type Outage = (typeof OUTAGES)[number];

const pairOf = ({ seconds }: Outage) => ({ dialled: `dialled-${seconds}`, joined: `joined-${seconds}` });

/** On each server a session that ends with 7 once there is a file `go`. */
async function startEnding(lab: NetworkFleet, { servers, go }: { servers: readonly string[]; go: string }) {
  const argv = ["/bin/sh", "-c", `echo begun; while [ ! -e ${go} ]; do sleep 0.5; done; exit 7`];
  const start = (server: string) =>
    TestSession.start(lab.hub.socketPath, endsOn(server), { argv, server, ready: "begun" });
  await Promise.all(servers.map(start));
}

const endsOn = (server: string) => `ends-on-${server}`;

describe("outages of minutes, with the death of the hub inside each,", { skip: await whyNoNetwork() }, () => {
  it("end no session, and every outcome arrives once", async () => {
    const names = OUTAGES.map(pairOf);
    await using lab = await NetworkFleet.open({
      dialled: names.map(({ dialled }) => dialled),
      joined: names.map(({ joined }) => joined),
      silenceMs: SILENCE_MS,
    });
    using client = lab.hub.client();
    await using reader = new EventReader(client, { cursor: "oldest", types: ["server.health", "session.exited"] });
    await using stack = new AsyncDisposableStack();
    const start = async (outage: Outage) => ({ ...outage, pair: stack.use(await CutPair.start(lab, pairOf(outage))) });
    const outages = await Promise.all(OUTAGES.map(start));
    const servers = outages.flatMap(({ pair }) => pair.servers);
    using folder = mkdtempDisposableSync("/tmp/ft-go-");
    const go = join(folder.path, "go");
    await startEnding(lab, { servers, go });

    const begunAtMs = performance.now();
    for (const { pair, direction } of outages) pair.cut(direction);
    await Promise.all(outages.map(({ pair }) => pair.become("unavailable")));
    for (const server of servers)
      await reader.sees(`${server} is away`, (event) => event.server === server && event.data["to"] === "unavailable");
    const before = reader.events.length;
    writeFileSync(go, "");
    await lab.hub.kill();
    await lab.hub.start();
    for (const server of servers)
      assertRefused(await lab.hub.ask({ path: `/sessions/${server}%2F${printsOn(server)}` }), "server_unavailable");
    const isSaidToBeBack = (server: string) =>
      reader.events.slice(before).some((event) => event.server === server && event.data["to"] === "healthy");
    const heal = async ({ pair, seconds }: (typeof outages)[number]) => {
      await sleep(Math.max(0, begunAtMs + seconds * SECOND_MS - performance.now()));
      assert.ok(!pair.servers.some(isSaidToBeBack), pair.servers.join());
      pair.heal();
      await pair.become("healthy");
      await pair.goesOn();
    };
    await Promise.all(outages.map(heal));

    for (const server of servers) {
      const ends = () => reader.events.filter(({ session }) => session === endsOn(server));
      await reader.sees(`the end of ${endsOn(server)}`, ({ session }) => session === endsOn(server));
      assert.deepEqual(
        ends().map(({ data }) => [data["exit"], data["end_reason"]]),
        [[{ code: 7 }, "exited"]],
      );
    }
    const exited = reader.events.filter(({ type }) => type === "session.exited");
    assert.equal(exited.length, servers.length, "another session has ended");
  });
});
