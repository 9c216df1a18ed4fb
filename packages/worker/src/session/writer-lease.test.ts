// Holds a session's lease to its order in time: who waits gets it first come first served, and everything that is written is
// judged by it in the same step. Over real programs.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import type { LeaseAsker } from "./lease.ts";
import type { Session } from "./session.ts";
import { startSession } from "./session-harness.ts";

const ci: LeaseAsker = { principal: "ci", kind: "agent", isAdmin: false };
const ada: LeaseAsker = { principal: "ada", kind: "human", isAdmin: false };
const { signal: nobodyLeaves } = new AbortController();

const cat = ["/bin/cat"];
const waitMs = 60_000;

async function leased(session: Session, asker = ci, wish: Parameters<Session["lease"]["ask"]>[0] = {}) {
  return session.lease.ask(wish, asker, nobodyLeaves);
}

function writes(session: Session, lease?: string) {
  return {
    typed: session.typing.input(Buffer.from("x"), { principal: "ci", lease }),
    pressed: session.typing.keys({ keys: ["x"] }, { principal: "ci", lease }),
    pasted: session.typing.paste({ text: "x" }, { principal: "ci", lease }),
  };
}

describe("a session's lease", () => {
  it("is asked with every write, and shown without its id", async () => {
    await using running = await startSession(cat);
    const { session, news } = running;
    const { id, holder, kind, expires_at, ...where } = await leased(session);
    assert.deepEqual(where, { ...session.position(), epoch: session.screen().look() });
    assert.deepEqual(session.info().lease, { holder, kind, expires_at });
    for (const write of Object.values(writes(session))) await assert.rejects(write, { code: "lease_held" });
    for (const write of Object.values(writes(session, "lea_x"))) await assert.rejects(write, { code: "lease_lost" });
    const { generation } = session;
    await Promise.all(Object.values(writes(session, id)));
    assert.ok(session.generation >= generation + 3);
    session.lease.release(id);
    assert.equal(session.info().lease, null);
    await Promise.all(Object.values(writes(session)));
    const told = { type: "session.lease", holder: "ci", kind: "agent" };
    assert.deepEqual(news, [
      { ...told, action: "taken" },
      { ...told, action: "released" },
    ]);
  });

  it("is asked with each numbered input, whose refusal stays what it was when it is sent again", async () => {
    await using running = await startSession(cat);
    const { session } = running;
    const { id } = await leased(session);
    const type = (number: number, lease?: string) =>
      session.numbered.type({ client: "tab", lease }, number, Buffer.from("x"));
    await assert.rejects(type(1), { code: "lease_held" });
    const at = await type(2, id);
    session.lease.release(id);
    await assert.rejects(type(1), { code: "lease_held" });
    assert.deepEqual(await type(2), at);
    assert.equal(session.numbered.next("tab"), 3);
  });

  it("answers an input that is repeated under its id, whoever has it now", async () => {
    await using running = await startSession(cat);
    const { session } = running;
    const terms = { principal: "ci", input_id: "once" };
    const first = await session.typing.input(Buffer.from("x"), terms);
    await leased(session, ada);
    assert.deepEqual(await session.typing.input(Buffer.from("x"), terms), { ...first, duplicate: true });
    await assert.rejects(session.typing.input(Buffer.from("x"), { ...terms, input_id: "twice" }), {
      code: "lease_held",
    });
    assert.equal((await leased(session, ada, { take_over: true })).holder, "ada");
  });

  it("goes to those who wait in their order, when it is given back and when its time is over", async () => {
    await using running = await startSession(cat);
    const { session, news } = running;
    const { id } = await leased(session);
    const second = leased(session, ada, { wait_ms: waitMs, ttl_ms: 1_000 });
    const third = leased(session, ci, { wait_ms: waitMs });
    session.lease.release(id);
    assert.equal((await second).holder, "ada");
    assert.equal((await third).holder, "ci");
    assert.deepEqual(
      news.map((one) => one.type === "session.lease" && `${one.holder} ${one.action}`),
      ["ci taken", "ci released", "ada taken", "ada expired", "ci taken"],
    );
  });

  it("goes past those who wait no longer, and to nobody when the session ends", async () => {
    await using running = await startSession(cat);
    const { session } = running;
    const { id } = await leased(session);
    const leaving = new AbortController();
    const left = session.lease.ask({ wait_ms: waitMs }, ada, leaving.signal);
    const tired = leased(session, ada, { wait_ms: 1 });
    leaving.abort();
    await assert.rejects(left, { code: "cancelled" });
    await assert.rejects(tired, { code: "lease_held" });
    const next = leased(session, ci, { wait_ms: waitMs });
    session.lease.release(id);
    await next;
    const last = leased(session, ada, { wait_ms: waitMs });
    const refused = assert.rejects(last, { code: "session_exited" });
    await session.kill({ graceMs: 0, reason: "killed" });
    await refused;
    assert.equal(session.info().lease, null);
    await assert.rejects(leased(session), { code: "session_exited" });
    assert.throws(() => session.lease.release(id), { code: "session_exited" });
  });

  it("has room for 64 who wait", async () => {
    await using running = await startSession(cat);
    const { session } = running;
    await leased(session);
    const waiting = Array.from({ length: 64 }, () => leased(session, ada, { wait_ms: waitMs }));
    await assert.rejects(leased(session, ada, { wait_ms: waitMs }), { code: "channel_full" });
    const ends = Promise.allSettled(waiting);
    await session.kill({ graceMs: 0, reason: "killed" });
    assert.ok((await ends).every(({ status }) => status === "rejected"));
  });

  it("is over by itself, though nobody looks", async () => {
    await using running = await startSession(cat);
    const { session, news } = running;
    await leased(session, ci, { ttl_ms: 1_000 });
    await waitUntil("it is told", () => news.some((one) => one.type === "session.lease" && one.action === "expired"));
    await Promise.all(Object.values(writes(session)));
  });
});
