// Cables between hosts in network namespaces that are cut for a while, in either direction or both, with a member that the hub
// dials and a worker that has joined it behind each. Short outages go by, long ones are told truly, and nothing is lost.
//
// Short outages last as long as it is said. For the long ones the hub is given a clock that runs ten times faster.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CutPair } from "./harness/cut-pair.ts";
import { type CableDirection, whyNoNetwork } from "./harness/network.ts";
import { NetworkFleet } from "./harness/network-fleet.ts";
import { Traffic } from "./harness/traffic.ts";

const SECOND_MS = 1_000;
/** After which the hub gives a member up, by default. */
const SILENCE_S = 30;
const FAST_SECOND_MS = SECOND_MS / 10;
const DIRECTIONS = ["in", "out", "both"] as const satisfies readonly CableDirection[];

/** What a member goes through, in the words of its link log. Dials that fail meanwhile are another reason, not another state. */
const ONCE_LOST = ["unavailable", "connecting", "healthy"];

function stepsOf(log: readonly string[]): string[] {
  const states = log.map((event) => event.split(" ")[0] ?? "");
  return states.filter((state, at) => state !== states[at - 1]);
}

const pairOf = (direction: CableDirection) => ({ dialled: `dialled-${direction}`, joined: `joined-${direction}` });

describe("a network whose cables are cut", { skip: await whyNoNetwork() }, () => {
  let lab: NetworkFleet;
  const pairs = new Map<CableDirection, CutPair>();
  let calm: Traffic;
  let logOfCalm: readonly string[];

  before(async () => {
    const names = DIRECTIONS.map(pairOf);
    lab = await NetworkFleet.open({
      dialled: ["calm", ...names.map(({ dialled }) => dialled)],
      joined: names.map(({ joined }) => joined),
      silenceMs: SILENCE_S * SECOND_MS,
    });
    const start = async (direction: CableDirection) =>
      pairs.set(direction, await CutPair.start(lab, pairOf(direction)));
    await Promise.all(DIRECTIONS.map(start));
    calm = await Traffic.start(lab.hub, "calm");
    logOfCalm = await linkLogOf("calm");
  });

  after(async () => {
    await Promise.all([calm, ...pairs.values()].map((traffic) => traffic[Symbol.asyncDispose]()));
    await lab[Symbol.asyncDispose]();
  });

  async function linkLogOf(server: string): Promise<string[]> {
    const { link_log: log } = await lab.fleet.server(server);
    return log.map(({ event }: { event: string }) => event);
  }

  /** A member whose cable nobody touches notices nothing. */
  async function assertCalm(): Promise<void> {
    calm.type(20);
    await calm.goesOn();
    await calm.assertWhole();
    assert.deepEqual(await linkLogOf("calm"), logOfCalm);
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

  describe("for a moment", { concurrency: true }, () => {
    for (const direction of DIRECTIONS) {
      it(`(${direction}) loses no byte and no word, and nobody takes notice`, async () => {
        const pair = pairs.get(direction) as CutPair;
        const logs = () => Promise.all(pair.servers.map(linkLogOf));
        const before = await logs();
        for (const seconds of [1, 10]) {
          pair.cut(direction);
          await sleep(seconds * SECOND_MS);
          pair.heal();
          await pair.goesOn();
        }
        assert.deepEqual(await logs(), before);
      });
    }
  });

  it("for a moment is nothing to the other members", assertCalm);

  describe("for longer", { concurrency: true }, () => {
    before(async () => {
      await lab.hub.stop();
      await lab.hub.start(["--member-silence-ms", `${SILENCE_S * FAST_SECOND_MS}`]);
      await Promise.all([...pairs.values()].map((pair) => pair.become("healthy")));
      await lab.fleet.becomes("calm", "healthy");
      logOfCalm = await linkLogOf("calm");
    });

    for (const direction of DIRECTIONS) {
      it(`(${direction}) loses no byte and no word, and is told as it is`, async () => {
        const pair = pairs.get(direction) as CutPair;
        await pair.goesOn();
        const before = await Promise.all(pair.servers.map(linkLogOf));
        for (const seconds of [SILENCE_S + 1, 90]) {
          pair.cut(direction);
          const over = sleep(seconds * FAST_SECOND_MS);
          await pair.become("unavailable");
          await Promise.all(pair.servers.map(assertDated));
          await over;
          pair.heal();
          await pair.become("healthy");
          await pair.goesOn();
        }
        for (const [at, server] of pair.servers.entries()) {
          const told = (await linkLogOf(server)).slice(before[at]?.length);
          assert.deepEqual(stepsOf(told), [...ONCE_LOST, ...ONCE_LOST], `${server}: ${told.join()}`);
        }
      });
    }
  });

  it("for longer is nothing to the other members", assertCalm);
});
