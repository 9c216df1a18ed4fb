// What marks, looks, reports and inputs make of what a session wants, and what it has been since.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AGREE_MS, AttentionState, type Moment } from "./attention-state.ts";
import type { AttentionWord, Verdict } from "./verdict.ts";

const seen = (attention: AttentionWord, more: Partial<Verdict> = {}): Verdict => ({
  attention,
  confidence: "strong",
  source: "kernel",
  rule: "K3",
  says: "seen",
  ...more,
});
const said = (attention: AttentionWord) => seen(attention, { source: "hook", confidence: "exact", rule: "E2" });
const doubted = seen("needs_input", { confidence: "heuristic", rule: "K6", how: "event_loop" });
const marked = (attention: AttentionWord) => seen(attention, { source: "mark", confidence: "exact", rule: "E2" });

class Life {
  at: Moment = { nowMs: 0, generation: 0, offset: 0 };
  readonly state = new AttentionState(this.at);

  get wants(): AttentionWord {
    return this.state.current.attention;
  }

  later(ms: number): Moment {
    this.at = { ...this.at, nowMs: this.at.nowMs + ms };
    return this.at;
  }

  prints(): void {
    this.at = { ...this.at, generation: this.at.generation + 1, offset: this.at.offset + 10 };
  }

  /** Two looks that say the same, far enough apart. */
  look(verdict: Verdict): void {
    this.state.look(verdict, this.later(1));
    this.state.look(verdict, this.later(AGREE_MS));
  }

  types(): void {
    this.prints();
    this.state.input(this.at);
  }
}

describe("what a session wants", () => {
  it("is work, until something else is known", () => {
    assert.deepEqual([new Life().wants, new Life().state.current.confidence], ["working", "heuristic"]);
  });

  it("is believed of a look once another one agrees, and not before 30 ms", () => {
    const life = new Life();
    assert.equal(life.state.look(seen("needs_input"), life.later(1)), false);
    assert.ok(life.state.isWavering);
    assert.equal(life.state.look(seen("needs_input"), life.later(AGREE_MS - 1)), false);
    assert.equal(life.wants, "working");
    assert.equal(life.state.look(seen("needs_input"), life.later(1)), true);
    assert.equal(life.wants, "needs_input");
    assert.equal(life.state.isWavering, false);
  });

  it("is not believed of looks that disagree", () => {
    const life = new Life();
    life.look(seen("needs_input"));
    for (let once = 0; once < 5; once += 1) {
      life.state.look(seen("needs_secret"), life.later(20));
      life.state.look(seen("ready"), life.later(20));
    }
    assert.equal(life.wants, "needs_input");
  });

  it("is work again at once when something is typed", () => {
    const life = new Life();
    for (const verdict of [seen("needs_input"), seen("needs_secret"), seen("ready")]) {
      life.look(verdict);
      assert.equal(life.wants, verdict.attention);
      life.types();
      assert.equal(life.wants, "working");
    }
  });

  it("is what a mark says, at once", () => {
    const life = new Life();
    assert.equal(life.state.mark(marked("ready"), life.later(1)), true);
    assert.deepEqual([life.wants, life.state.current.confidence], ["ready", "exact"]);
  });

  it("stays ready by a mark while helpers of the shell compute, until a command begins", () => {
    const life = new Life();
    life.state.mark(marked("ready"), life.later(1));
    life.look(seen("working", { rule: "K8" }));
    assert.equal(life.wants, "ready");
    life.state.mark(marked("working"), life.later(1));
    assert.equal(life.wants, "working");
  });

  it("is what the program reports, whatever is printed and seen, but for a secret that is asked for", () => {
    const life = new Life();
    life.state.report(said("needs_input"), life.later(1));
    life.prints();
    life.look(seen("working", { rule: "K8" }));
    life.look(seen("ready"));
    assert.equal(life.wants, "needs_input");
    life.state.report(said("done"), life.later(1));
    assert.equal(life.wants, "done");
    life.look(seen("needs_secret", { rule: "K1" }));
    assert.equal(life.wants, "needs_secret");
  });

  it("is looked for again when a program reports that it works, or is typed into", () => {
    for (const ends of [
      (life: Life) => life.state.report(said("working"), life.later(1)),
      (life: Life) => life.types(),
    ]) {
      const life = new Life();
      life.state.report(said("needs_input"), life.later(1));
      ends(life);
      life.look(seen("ready"));
      assert.equal(life.wants, "ready");
    }
  });

  it("is work that the program reports, though it looks at its terminal now and then", () => {
    const life = new Life();
    life.state.report(said("working"), life.later(1));
    life.look(doubted);
    assert.equal(life.wants, "working");
    life.look(seen("needs_input", { rule: "K6" }));
    assert.equal(life.wants, "needs_input");
  });

  it("is done once the program has ended, for good", () => {
    const life = new Life();
    life.state.exit(life.later(1));
    life.types();
    life.look(seen("needs_input"));
    life.state.report(said("needs_input"), life.later(1));
    life.state.mark(marked("ready"), life.later(1));
    assert.deepEqual([life.wants, life.state.current.confidence, life.state.current.rule], ["done", "exact", "E1"]);
  });

  it("keeps its moment when it only becomes surer, and is not made less sure by a weaker look", () => {
    const life = new Life();
    life.look(seen("needs_input", { confidence: "heuristic" }));
    const { atMs, number } = life.state.current;
    life.look(seen("needs_input"));
    life.look(seen("needs_input", { confidence: "heuristic" }));
    const { current } = life.state;
    assert.deepEqual([current.confidence, current.atMs, current.number], ["strong", atMs, number]);
  });
});

describe("what a session has wanted since a position", () => {
  it("is what it wants now, where nothing has happened since or it has been seen anew", () => {
    const life = new Life();
    life.look(seen("needs_input"));
    const { generation } = life.at;
    assert.ok(life.state.hasBeen("needs_input", { generation }, generation));
    life.prints();
    assert.equal(life.state.hasBeen("needs_input", { generation }, life.at.generation), null);
    life.look(seen("needs_input"));
    assert.ok(life.state.hasBeen("needs_input", { generation }, life.at.generation));
  });

  it("is also what it wanted for a while, and nothing from before", () => {
    const life = new Life();
    life.look(seen("needs_secret"));
    life.types();
    const { generation } = life.at;
    life.prints();
    life.look(seen("needs_input"));
    life.types();
    assert.equal(life.wants, "working");
    assert.ok(life.state.hasBeen("needs_input", { generation }, life.at.generation));
    assert.equal(life.state.hasBeen("needs_secret", { generation }, life.at.generation), null);
  });

  it("is told once to whoever knows the number of a change", () => {
    const life = new Life();
    life.prints();
    life.look(seen("needs_input"));
    const known = { generation: 0, seq: life.state.current.number };
    life.prints();
    life.look(seen("needs_input"));
    assert.equal(life.state.hasBeen("needs_input", known, life.at.generation), null);
    life.types();
    life.look(seen("needs_input"));
    assert.ok(life.state.hasBeen("needs_input", known, life.at.generation));
  });

  it("is remembered for the last changes only", () => {
    const life = new Life();
    for (let once = 0; once < 2_000; once += 1) {
      life.state.mark(marked("ready"), life.later(1));
      life.types();
    }
    assert.ok(life.state.changes.length < 600);
  });
});
