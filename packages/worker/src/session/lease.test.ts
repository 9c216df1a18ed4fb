// Holds the lease to its rules: who may take it from whom, who may write, and when it is over.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FleettyError } from "@fleetty/protocol/errors";
import { Lease, type LeaseAsker, type LeaseKind, type LeaseWish } from "./lease.ts";

const ada: LeaseAsker = { principal: "ada", kind: "human", isAdmin: false };
const ci: LeaseAsker = { principal: "ci", kind: "agent", isAdmin: false };
const other: LeaseAsker = { ...ci, principal: "other" };
const boss: LeaseAsker = { principal: "boss", kind: "agent", isAdmin: true };

const at = (steadyMs: number) => ({ steadyMs, wallMs: Date.parse("2026-03-02T09:00:00.000Z") + steadyMs });

function taken(lease: Lease, asker: LeaseAsker, wish: LeaseWish = {}, nowMs = 0) {
  const answer = lease.take(asker, wish, at(nowMs));
  assert.ok(answer, `${asker.principal} does not get it`);
  return answer.held;
}

/** As nobody, or as whoever has that lease. */
function writes(lease: Lease, id?: string): string {
  try {
    lease.check(id);
    return "written";
  } catch (refusal) {
    return (refusal as FleettyError).code;
  }
}

describe("a lease", () => {
  it("lets everybody write while nobody has it, and then its holder alone", () => {
    const lease = new Lease();
    assert.equal(writes(lease), "written");
    const { id, holder, kind, expires_at } = taken(lease, ci);
    assert.deepEqual([holder, kind, expires_at], ["ci", "agent", "2026-03-02T09:00:30.000Z"]);
    assert.deepEqual(
      [writes(lease), writes(lease, id), writes(lease, "lea_x")],
      ["lease_held", "written", "lease_lost"],
    );
    assert.throws(() => lease.check(undefined), { code: "lease_held", details: { holder, kind, expires_at } });
    assert.equal(lease.release(id)?.id, id);
    assert.deepEqual([writes(lease), writes(lease, id)], ["written", "lease_lost"]);
    assert.equal(lease.release(id), null);
  });

  it("is kept from those who ask for it, also from its holder's other programs", () => {
    const lease = new Lease();
    const { id } = taken(lease, ci);
    assert.deepEqual([lease.take(ci, {}, at(1)), lease.take(ada, {}, at(1))], [null, null]);
    assert.throws(() => lease.release("lea_x"), { code: "lease_held" });
    assert.equal(writes(lease, id), "written");
  });

  it("is taken over from anybody by people and admins, and from agents alone by agents", () => {
    const may: Record<string, Record<LeaseKind, boolean>> = {
      ada: { human: true, agent: true },
      ci: { human: false, agent: true },
      boss: { human: true, agent: true },
    };
    for (const asker of [ada, ci, boss])
      for (const kind of ["human", "agent"] as const) {
        const lease = new Lease();
        const before = taken(lease, kind === "human" ? ada : other, { kind });
        const answer = lease.take(asker, { take_over: true }, at(1));
        assert.equal(answer !== null, may[asker.principal]?.[kind], `${asker.principal} from ${kind}`);
        if (!answer) continue;
        assert.deepEqual([answer.action, answer.held.holder], ["taken_over", asker.principal]);
        assert.deepEqual([writes(lease, before.id), writes(lease)], ["lease_lost", "lease_held"]);
      }
  });

  it("is a human's for people alone", () => {
    const lease = new Lease();
    for (const agent of [ci, boss])
      assert.throws(() => lease.take(agent, { kind: "human" }, at(0)), { code: "forbidden" });
    assert.equal(taken(lease, ada, { kind: "human" }).kind, "human");
  });

  it("is over at its time, and goes on from each renewal", () => {
    const lease = new Lease();
    const { id } = taken(lease, ci, { ttl_ms: 1_000 });
    assert.equal(lease.expire(at(999)), null);
    const renewed = lease.take(ci, { lease: id, ttl_ms: 2_000 }, at(999));
    assert.deepEqual([renewed?.action, renewed?.held.id, renewed?.held.kind], ["renewed", id, "agent"]);
    assert.equal(lease.expire(at(2_998)), null);
    assert.equal(lease.expire(at(2_999))?.id, id);
    assert.equal(lease.held, null);
    assert.throws(() => lease.take(ci, { lease: id }, at(2_999)), {
      code: "lease_lost",
      details: { holder: null, kind: null, expires_at: null },
    });
  });
});
