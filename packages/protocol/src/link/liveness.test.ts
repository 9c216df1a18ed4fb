import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Liveness, memberLiveness, type Verdict } from "./liveness.ts";

interface Other {
  /** Seconds at which something comes. */
  readonly heardAt?: (second: number) => boolean;
  /** Seconds at which probes are answered, which is heard too. */
  readonly answersAt?: (second: number) => boolean;
}

/** Verdicts at each second from 1 on. */
function verdicts(seconds: number, { heardAt = () => false, answersAt = () => false }: Other = {}): Verdict[] {
  const liveness = new Liveness(memberLiveness(30_000), 0);
  return Array.from({ length: seconds }, (_, index) => {
    const nowMs = (index + 1) * 1_000;
    if (heardAt(index + 1) || answersAt(index + 1)) liveness.heard(nowMs);
    if (answersAt(index + 1)) liveness.answered();
    return liveness.verdict(nowMs);
  });
}

function at(all: readonly Verdict[], verdict: Verdict): number[] {
  return all.flatMap((one, index) => (one === verdict ? [index + 1] : []));
}

describe("liveness", () => {
  it("asks every 10 s, and gives up an end that says nothing for 30", () => {
    const all = verdicts(31);
    assert.deepEqual(
      [at(all, "probe"), at(all, "lost")],
      [
        [10, 20],
        [30, 31],
      ],
    );
  });

  it("believes an end that answers, however long it is silent in between", () => {
    const all = verdicts(300, { answersAt: (second) => second % 29 === 0 });
    assert.deepEqual(at(all, "lost"), []);
  });

  it("counts silence from the last sign of life", () => {
    assert.equal(at(verdicts(60, { answersAt: (second) => second === 12 }), "lost")[0], 42);
  });

  it("gives up an end that speaks and does not hear, as it answers no probe", () => {
    const all = verdicts(60, { heardAt: () => true });
    assert.deepEqual([at(all, "probe"), at(all, "lost")[0]], [[10, 20, 30], 40]);
  });

  it("counts from its own waking after it was suspended, and asks at once", () => {
    const liveness = new Liveness(memberLiveness(30_000), 0);
    assert.equal(liveness.verdict(10_000), "probe");
    assert.equal(liveness.verdict(600_000), "probe");
    assert.equal(liveness.verdict(601_000), "alive");
    assert.equal(liveness.verdict(610_000), "probe");
    assert.equal(liveness.verdict(620_000), "probe");
    assert.equal(liveness.verdict(630_000), "lost");
  });
});
