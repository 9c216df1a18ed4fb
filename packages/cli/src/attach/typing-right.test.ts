// When somebody who is attached asks for the right to type, as what, and what becomes of keys that nobody may type.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { type LeaseWish, TypingRight } from "./typing-right.ts";

class Session {
  readonly asked: LeaseWish[] = [];
  readonly used: string[] = [];
  readonly released: string[] = [];
  /** Of the next questions, what refuses each. */
  refusals: FleettyError[] = [];

  right(takesOver = false): TypingRight {
    return new TypingRight({
      ask: async (wish) => {
        this.asked.push(wish);
        const refusal = this.refusals.shift();
        if (refusal) throw refusal;
        return { id: wish.lease ?? `lea_${this.asked.length}` };
      },
      use: (lease) => this.used.push(lease),
      release: async (lease) => this.released.push(lease),
      takesOver,
    });
  }
}

const held = new FleettyError("lease_held", "somebody has it", { holder: "ci", kind: "agent" });
const isAgent = new FleettyError("forbidden", "an agent", { kind: "human", reason: "kind" });

describe("the right to type", () => {
  it("is asked for once for all keys that come together, and given back at the end", async () => {
    const session = new Session();
    const right = session.right();
    assert.equal(right.lease, undefined);
    await Promise.all([right.hold(), right.hold()]);
    await right.hold();
    assert.deepEqual([session.asked, session.used, right.lease], [[{ kind: "human" }], ["lea_1"], "lea_1"]);
    await right.end();
    await right.end();
    assert.deepEqual(session.released, ["lea_1"]);
  });

  it("is asked for anew when it was lost, and taken over only once", async () => {
    const session = new Session();
    const right = session.right(true);
    await right.hold();
    right.lost();
    session.refusals = [held];
    await assert.rejects(right.hold(), { code: "lease_held" });
    await right.hold();
    assert.deepEqual(session.asked, [{ kind: "human", take_over: true }, { kind: "human" }, { kind: "human" }]);
  });

  it("is an agent's for whose token is one", async () => {
    const session = new Session();
    session.refusals = [isAgent];
    const right = session.right(true);
    await right.hold();
    right.lost();
    await right.hold();
    assert.deepEqual(session.asked, [
      { kind: "human", take_over: true },
      { kind: "agent", take_over: true },
      { kind: "agent" },
    ]);
  });

  it("is not needed where there are no leases, and not waited for while nobody can be asked", async () => {
    const session = new Session();
    const right = session.right();
    session.refusals = [new FleettyError("server_unavailable", "away"), new FleettyError("unsupported", "older")];
    for (let key = 0; key < 4; key += 1) await right.hold();
    assert.deepEqual([session.asked.length, session.used, right.lease], [2, [], undefined]);
    const forbidden = session.right();
    session.refusals = [new FleettyError("forbidden", "only looks", { verb: "input" })];
    await assert.rejects(forbidden.hold(), { code: "forbidden" });
  });
});
