// Holds the event table to what its readers rely on: names of other versions pass by, broken data does not.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { events, readEvent } from "./events.ts";

describe("the event table", () => {
  it("lets events of another version pass by", async () => {
    assert.equal(await readEvent("session.dreaming", {}), null);
    assert.equal(await readEvent("toString", {}), null);
  });

  it("refuses data of another shape", async () => {
    await assert.rejects(readEvent("session.exited", { session: { id: "ses_1" }, is_kept: true }));
  });

  it("says of every event what it means, and has a shape for it", async () => {
    for (const [name, { summary, data }] of Object.entries(events)) {
      assert.match(summary, /^[A-Z].*\.$/, name);
      assert.equal((await data()).safeParse({}).success, false, name);
    }
  });
});
