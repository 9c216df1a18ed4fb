// Holds the count of activity to counting each once, and quiet to the caller's clock.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Activity } from "./activity.ts";

it("activity counts from 0 and is quiet since its beginning until something happens", () => {
  const activity = new Activity(1_000);
  assert.deepEqual([activity.generation, activity.lastAtMs, activity.quietMs(1_250.4)], [0, 1_000, 250]);
  activity.happened(2_000);
  activity.happened(2_000);
  assert.deepEqual([activity.generation, activity.lastAtMs, activity.quietMs(2_003)], [2, 2_000, 3]);
});

it("quiet is never less than nothing, whatever instant it is asked for", () => {
  const activity = new Activity(1_000);
  activity.happened(5_000);
  assert.equal(activity.quietMs(4_000), 0);
});
