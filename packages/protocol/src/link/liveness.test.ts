import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Liveness, MEMBER_LIVENESS, type Verdict } from "./liveness.ts";

/** Verdicts at each second from 1 on, of an end that was heard at those seconds. */
function verdicts(seconds: number, heardAt: readonly number[] = []): Verdict[] {
  const liveness = new Liveness(MEMBER_LIVENESS, 0);
  return Array.from({ length: seconds }, (_, index) => {
    const nowMs = (index + 1) * 1_000;
    if (heardAt.includes(index + 1)) liveness.heard(nowMs);
    return liveness.verdict(nowMs);
  });
}

function at(all: readonly Verdict[], verdict: Verdict): number[] {
  return all.flatMap((one, index) => (one === verdict ? [index + 1] : []));
}

describe("liveness", () => {
  it("asks a silent end every 10 s and gives it up after 30", () => {
    const all = verdicts(31);
    assert.deepEqual(
      [at(all, "probe"), at(all, "lost")],
      [
        [10, 20],
        [30, 31],
      ],
    );
  });

  it("never asks one that is heard often enough, whatever it says", () => {
    assert.deepEqual(at(verdicts(120, [5, 14, 23, 32, 41, 50, 59, 68, 77, 86, 95, 104, 113]), "alive").length, 120);
  });

  it("counts silence from the last sign of life", () => {
    const all = verdicts(50, [12]);
    assert.deepEqual([at(all, "probe"), at(all, "lost")[0]], [[10, 22, 32], 42]);
  });

  it("counts silence from its own waking after it was suspended, and asks at once", () => {
    const liveness = new Liveness(MEMBER_LIVENESS, 0);
    assert.equal(liveness.verdict(1_000), "alive");
    assert.equal(liveness.verdict(600_000), "probe");
    assert.equal(liveness.verdict(601_000), "alive");
    assert.equal(liveness.verdict(610_000), "probe");
    assert.equal(liveness.verdict(620_000), "probe");
    assert.equal(liveness.verdict(630_000), "lost");
  });
});
