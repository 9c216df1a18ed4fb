// Cables between hosts in network namespaces that are cut for a while, in either direction or both, with a member that the hub
// dials and a worker that has joined it behind each. Short outages go by, long ones are told truly, and nothing is lost.
//
// A second of these stories is a tenth of one: the hub gives up a member after 3 s, where it takes 30 by default.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CutPair } from "./harness/cut-pair.ts";
import { EventReader } from "./harness/event-reader.ts";
import { type CableDirection, whyNoNetwork } from "./harness/network.ts";
import { NetworkFleet } from "./harness/network-fleet.ts";
import { Traffic } from "./harness/traffic.ts";

const SECOND_MS = 100;
const SILENCE_S = 30;
const DIRECTIONS = ["in", "out", "both"] as const satisfies readonly CableDirection[];

const pairOf = (direction: CableDirection) => ({ dialled: `dialled-${direction}`, joined: `joined-${direction}` });

describe("a network whose cables are cut", { skip: await whyNoNetwork() }, () => {
  let lab: NetworkFleet;
  let health: EventReader;
  /** A member whose cable nobody touches. */
  let calm: Traffic;
  let logOfCalm: unknown;

  before(async () => {
    const pairs = DIRECTIONS.map(pairOf);
    lab = await NetworkFleet.open({
      dialled: ["calm", ...pairs.map(({ dialled }) => dialled)],
      joined: pairs.map(({ joined }) => joined),
      silenceMs: SILENCE_S * SECOND_MS,
    });
    health = new EventReader(lab.hub.client(), { cursor: "oldest", types: ["server.health"] });
    calm = await Traffic.start(lab.hub, "calm");
    logOfCalm = await linkLogOf("calm");
  });

  after(async () => {
    await calm[Symbol.asyncDispose]();
    await health[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  async function linkLogOf(server: string): Promise<unknown> {
    return (await lab.fleet.server(server)).link_log;
  }

  /** What became of a server, and why. */
  function changesOf(server: string): string[] {
    const changes = health.events.filter(
      ({ type, server: name, data }) => type === "server.health" && name === server && data["from"] !== data["to"],
    );
    return changes.map(({ data }) => [data["to"], data["reason"]].filter((word) => word !== null).join(" "));
  }

  /** Its sessions are known as they were last, and since when. */
  async function assertDated(server: string): Promise<void> {
    const { since } = await lab.fleet.server(server);
    const { json } = await lab.hub.ask({ path: `/sessions?include=unreachable&server=${server}` });
    assert.equal(json.length, 2);
    for (const session of json) {
      assert.equal(session.state, "unreachable");
      assert.ok(Date.parse(session.as_of) <= Date.parse(since), `${session.as_of} is after ${since}`);
    }
    const { headers } = await lab.hub.ask({ path: "/sessions" });
    assert.ok(String(headers["fleetty-partial"]).split(",").includes(server), `${headers["fleetty-partial"]}`);
  }

  describe("for a while,", { concurrency: true }, () => {
    for (const direction of DIRECTIONS) {
      it(`${direction}, lose no byte and no word, and say so only when it is long`, async () => {
        await using pair = await CutPair.start(lab, pairOf(direction));
        const outage = async (seconds: number, meanwhile: () => Promise<void>) => {
          pair.cut(direction);
          await Promise.all([sleep(seconds * SECOND_MS), meanwhile()]);
          pair.heal();
        };
        for (const seconds of [1, 10]) {
          await outage(seconds, async () => {});
          await pair.goesOn();
        }
        for (const server of pair.servers) assert.deepEqual(changesOf(server), ["healthy"], server);
        for (const seconds of [SILENCE_S + 1, 90]) {
          await outage(seconds, async () => {
            await pair.become("unavailable");
            await Promise.all(pair.servers.map(assertDated));
          });
          await pair.become("healthy");
          await pair.goesOn();
        }
        for (const server of pair.servers) {
          const told = changesOf(server).map((change) =>
            change.replace(/^unavailable (silent|closed)$/, "unavailable"),
          );
          const once = ["unavailable", "connecting", "healthy"];
          assert.deepEqual(told, ["healthy", ...once, ...once], server);
        }
      });
    }
  });

  it("are nothing to the other members", async () => {
    calm.type(20);
    await calm.goesOn();
    await calm.assertWhole();
    assert.deepEqual(await linkLogOf("calm"), logOfCalm);
  });
});
