// Holds the count of sessions on their way to what a burst needs: each counts on its server from when it is sent there, and
// once, also when the server tells of it before it answers.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gone } from "@fleetty/protocol/gone";
import type { Destination, FleetView } from "./fleet-view.ts";
import { Placing } from "./placing.ts";

/** Two servers that tell of a session as soon as it has come; one answers at once, the other when the test lets it. */
class Servers {
  readonly asked: string[] = [];
  readonly #known = new Map<string, string[]>([
    ["srv_quick", []],
    ["srv_slow", []],
  ]);
  readonly #slow = Promise.withResolvers<void>();

  get view(): FleetView {
    const servers = [...this.#known].map(([id, known]) => ({
      ...{ id, hostname: id, isLocal: false, labels: {}, tags: new Set<string>(), latencyMs: 1, slots: 8 },
      ...{ health: "healthy", reason: null, silenceMs: 0, cordoned: false, draining: false },
      sessions: known.length,
      knows: (session: string) => known.includes(session),
    }));
    return { servers, server: (id: string) => ({ server: id }) } as unknown as FleetView;
  }

  start(placing: Placing, id: string): Promise<unknown> {
    const start = async ({ server }: Destination) => {
      this.asked.push(server);
      this.#known.get(server)?.push(id);
      if (server === "srv_slow") await this.#slow.promise;
      return { id };
    };
    return placing.start({ asked: {}, waitMs: 0, id, gone: new Gone(), see: () => this.view, start });
  }

  answer(): void {
    this.#slow.resolve();
  }
}

describe("sessions on their way", () => {
  it("count once when their server tells of them before it answers, so that a burst spreads evenly", async () => {
    const servers = new Servers();
    const placing = new Placing();
    const started: Promise<unknown>[] = [];
    for (let made = 0; made < 6; made += 1) {
      started.push(servers.start(placing, `ses_${made}`));
      await new Promise(setImmediate);
    }
    servers.answer();
    await Promise.all(started);
    const times = (server: string) => servers.asked.filter((one) => one === server).length;
    assert.deepEqual([times("srv_quick"), times("srv_slow")], [3, 3]);
  });
});
