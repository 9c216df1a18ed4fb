// What is kept and told of the answering server itself.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { OwnServerRecord } from "../store/hub-store.ts";
import type { Condition } from "./conditions.ts";
import type { OwnNews } from "./fleet-news.ts";
import { Itself, requireTakesSessions } from "./itself.ts";

describe("a server itself", () => {
  let kept: OwnServerRecord | null;
  let conditions: readonly Condition[];
  let isRefusing: boolean;

  beforeEach(() => {
    kept = null;
    conditions = [];
    isRefusing = false;
  });

  const open = () =>
    Itself.open({
      store: {
        ownServer: async () => kept,
        putOwnServer: async (record) => {
          if (isRefusing) throw new Error("the disk is full");
          kept = record;
        },
      },
      hostname: "hub-1",
      status: () => ({ os: "linux", arch: "x64" }),
      worker: { call: async () => ({ session_hosts: [], conditions }) } as unknown as WorkerPort,
    });

  it("has the labels that it was given beside its own, and is as it was kept when it is opened again", async () => {
    const before = await open();
    assert.deepEqual([before.labels, before.cordoned], [{ arch: "x64", os: "linux" }, false]);
    await before.update({ labels: { role: "hub" }, cordoned: true });
    await before.update({ draining: true });
    const { labels, givenLabels, cordoned, draining } = await open();
    assert.deepEqual(labels, { arch: "x64", os: "linux", role: "hub" });
    assert.deepEqual([givenLabels, cordoned, draining], [{ role: "hub" }, true, true]);
  });

  it("tells what it was before it was changed, and nothing of what the disk refuses", async () => {
    const itself = await open();
    const news: OwnNews[] = [];
    itself.news((one) => news.push(one));
    isRefusing = true;
    await assert.rejects(itself.update({ cordoned: true }), /the disk is full/);
    assert.deepEqual([news, itself.cordoned], [[], false]);
    isRefusing = false;
    await itself.update({ cordoned: true });
    const before = { hostname: "hub-1", labels: { arch: "x64", os: "linux" }, cordoned: false, draining: false };
    assert.deepEqual(news, [{ kind: "updated", before }]);
  });

  it("tells each condition when it begins and when it is over, to the first who listens also those of before", async () => {
    const itself = await open();
    const shared = { type: "HostSharesCgroup", reason: "why", since: "2026-03-02T09:00:00.000Z" };
    conditions = [shared];
    await itself.look();
    const news: OwnNews[] = [];
    const stop = itself.news((one) => news.push(one));
    const change = { kind: "condition", condition: "HostSharesCgroup", reason: "why" };
    for (const present of [[shared], [shared], []]) {
      conditions = present;
      await itself.look();
    }
    assert.deepEqual(news, [
      { ...change, active: true },
      { ...change, active: false },
    ]);
    stop();
  });

  it("takes no session that is cordoned or draining, and says which", () => {
    assert.doesNotThrow(() => requireTakesSessions("hub-1", { cordoned: false, draining: false }));
    for (const [flags, word] of [
      [{ cordoned: true, draining: false }, "cordoned"],
      [{ cordoned: false, draining: true }, "draining"],
    ] as const) {
      const refusal = {
        code: "server_cordoned",
        message: new RegExp(`hub-1 is ${word}`),
        details: { server: "hub-1" },
      };
      assert.throws(() => requireTakesSessions("hub-1", flags), refusal);
    }
  });
});
