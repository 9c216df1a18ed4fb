// A hub that sleeps for a while, as laptops and virtual machines do: what it did not hear meanwhile is no silence of anybody.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startFleet } from "./harness/fleet.ts";
import { Typist } from "./harness/typist.ts";

/** Silence after which that hub gives a member up. */
const SILENCE_MS = 1_500;

describe("a hub that is suspended for longer than its members may be silent", () => {
  it("counts silence from its waking, and goes on where it was", async () => {
    await using fleet = await startFleet({
      members: ["web-1"],
      hub: { args: ["--member-silence-ms", `${SILENCE_MS}`] },
    });
    const { hub } = fleet;
    await using typist = await Typist.start(hub.socketPath, "typed", "web-1");
    await typist.goesOn();
    const { since } = await fleet.server("web-1");
    // What is to pass is time itself: while it sleeps, and until it would have given up whom it has not heard since.
    const longEnough = () => new Promise((pass) => setTimeout(pass, 2 * SILENCE_MS));
    hub.freeze();
    await longEnough();
    hub.thaw();
    await typist.goesOn();
    await longEnough();
    await typist.stop();
    const { since: sinceThen, link_log: linkLog } = await fleet.server("web-1");
    assert.equal(sinceThen, since, JSON.stringify(linkLog));
    assert.equal(typist.connections, 1);
  });
});
