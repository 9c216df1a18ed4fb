// Holds the kept screens to their promise: none is shown that its host has said is old.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Screen } from "../schemas/common.ts";
import { ScreenCache } from "./screen-cache.ts";

function screen(epoch: number): Screen {
  const cursor = { row: 0, col: 0, visible: true };
  const size = { cols: 2, rows: 1, first_line_index: 0, total_lines: 1, alternate_active: false };
  return { epoch, lines: [""], cursor, ...size, generation: epoch, offset: epoch, last_activity_ms: 0 };
}

function keptEpoch(cache: ScreenCache, session: string): unknown {
  const kept = cache.read(session, "plain", undefined, performance.now());
  return kept && (kept.toJSON() as Screen).epoch;
}

describe("a kept screen", () => {
  it("answers until its host says that it has changed", async () => {
    const cache = new ScreenCache();
    await cache.fetch("ses_a", "plain", async () => screen(1));
    assert.equal(keptEpoch(cache, "ses_a"), 1);
    assert.equal(keptEpoch(cache, "ses_b"), undefined);
    cache.drop("ses_a");
    assert.equal(keptEpoch(cache, "ses_a"), undefined);
  });

  it("is not kept when that is said while it is on its way, which may be in the same breath as the answer", async () => {
    for (const forget of ["drop", "clear"] as const) {
      const cache = new ScreenCache();
      const [old, other] = [Promise.withResolvers<Screen>(), Promise.withResolvers<Screen>()];
      const reads = [
        cache.fetch("ses_a", "plain", () => old.promise),
        cache.fetch("ses_b", "plain", () => other.promise),
      ];
      old.resolve(screen(1));
      cache[forget]("ses_a");
      other.resolve(screen(7));
      assert.deepEqual(
        (await Promise.all(reads)).map(({ epoch }) => epoch),
        [1, 7],
      );
      assert.equal(keptEpoch(cache, "ses_a"), undefined);
      assert.equal(keptEpoch(cache, "ses_b"), forget === "drop" ? 7 : undefined);
      await cache.fetch("ses_a", "plain", async () => screen(2));
      assert.equal(keptEpoch(cache, "ses_a"), 2);
    }
  });

  it("does not outlive a refusal", async () => {
    const cache = new ScreenCache();
    await cache.fetch("ses_a", "plain", async () => screen(1));
    await assert.rejects(cache.fetch("ses_a", "plain", () => Promise.reject(new Error("gone"))));
    cache.drop("ses_a");
    assert.equal(keptEpoch(cache, "ses_a"), undefined);
  });

  it("is told of whenever it goes, also when there are too many", async () => {
    const dropped: string[] = [];
    const cache = new ScreenCache();
    cache.listen((session) => dropped.push(session));
    for (let n = 0; n <= 2_048; n += 1) await cache.fetch(`ses_${n}`, "plain", async () => screen(n));
    assert.deepEqual(dropped, ["ses_0"]);
    cache.drop("ses_7");
    cache.clear();
    assert.equal(new Set(dropped).size, 2_049);
  });
});
