// What is typed by request: once under each id, and only into the session that its caller saw; on real terminals.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { program } from "../pty/pty-harness.ts";
import { type Running, startSession } from "./session-harness.ts";

const root = { principal: "root" };

function shows({ session }: Running, text: string): Promise<unknown> {
  const rows = () => session.caughtUp().read("plain").lines;
  return waitUntil(`it shows ${text}`, () => rows().join("\n").includes(text), { seen: rows });
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("an input under an id", () => {
  it("is typed once, asked for one after the other or all at once", async () => {
    await using running = await startSession([program("count-input"), "4"]);
    await shows(running, "ready");
    const { typing } = running.session;
    const type = (text: string, id: string) => typing.input(Buffer.from(text), { ...root, input_id: id });
    const first = await type("a", "1");
    const { generation } = running.session;
    assert.deepEqual(await type("a", "1"), { ...first, duplicate: true });
    assert.equal(running.session.generation, generation, "a repetition is no activity");
    const all = await Promise.all([type("b", "2"), type("b", "2"), type("b", "2")]);
    assert.deepEqual(
      all.map(({ duplicate }) => duplicate),
      [undefined, true, true],
    );
    await typing.input(Buffer.from("c"), root);
    await typing.input(Buffer.from("c"), root);
    await shows(running, sha256("abcc"));
  });

  it("is not taken for another, and types nothing then", async () => {
    await using running = await startSession([program("count-input"), "2"]);
    await shows(running, "ready");
    const { typing } = running.session;
    await typing.input(Buffer.from("a"), { ...root, input_id: "1" });
    await assert.rejects(typing.input(Buffer.from("x"), { ...root, input_id: "1" }), { code: "input_id_conflict" });
    await typing.input(Buffer.from("b"), { ...root, input_id: "1", client: "tab" });
    await shows(running, sha256("ab"));
  });

  it("is in doubt once it was cut short, also for who waits for it", async () => {
    await using running = await startSession([program("read-nothing")]);
    await shows(running, "ready");
    const { typing } = running.session;
    const large = Buffer.alloc(1024 * 1024, "x");
    const terms = { ...root, input_id: "1" };
    const [first, again] = await Promise.allSettled([typing.input(large, terms), typing.input(large, terms)]);
    assert.ok(first.status === "rejected" && again.status === "rejected");
    const { written } = first.reason.details;
    assert.ok(written > 0 && written < large.byteLength, `${written}`);
    assert.equal(first.reason.code, "input_send_failed");
    assert.deepEqual([again.reason.code, again.reason.details], ["input_in_doubt", { written }]);
    await assert.rejects(typing.input(large, terms), { code: "input_in_doubt", details: { written } });
  });

  it("is free for another attempt when its conditions did not hold", async () => {
    await using running = await startSession([program("count-input"), "1"]);
    await shows(running, "ready");
    const { typing } = running.session;
    const terms = { ...root, input_id: "1" };
    await assert.rejects(typing.input(Buffer.from("x"), { ...terms, if_epoch: 999 }), { code: "screen_changed" });
    assert.equal((await typing.input(Buffer.from("a"), terms)).duplicate, undefined);
    await shows(running, sha256("a"));
  });
});

describe("an input on condition", () => {
  it("is typed while generation and epoch are those that were seen", async () => {
    await using running = await startSession([program("count-input"), "2"]);
    await shows(running, "ready");
    const { session } = running;
    const epoch = session.screen().look();
    const { generation } = await session.typing.input(Buffer.from("a"), {
      ...root,
      if_epoch: epoch,
      if_generation: session.generation,
    });
    assert.equal(session.generation, generation + 1);
    await session.typing.input(Buffer.from("b"), { ...root, if_generation: generation + 1 });
    await shows(running, sha256("ab"));
  });

  it("is refused with where the session is when either is another, output that nobody has looked at included", async () => {
    // Nobody feeds this screen: what has been printed shows only to who looks.
    await using running = await startSession([program("say")], { isFed: false });
    const { session } = running;
    await shows(running, "ready");
    const seen = { epoch: session.screen().look(), generation: session.generation };
    const { offset } = await session.typing.input(Buffer.from("new\\n\r"), root);
    await waitUntil("it has printed", () => session.ring.end > offset);
    for (const terms of [{ if_epoch: seen.epoch }, { if_generation: seen.generation }]) {
      const refusal = await session.typing.input(Buffer.from("x"), { ...root, ...terms }).catch((thrown) => thrown);
      assert.equal(refusal.code, "screen_changed");
      const { generation, epoch, offset: at } = refusal.details;
      assert.deepEqual({ generation, offset: at }, session.position());
      assert.deepEqual([epoch > seen.epoch, generation > seen.generation], [true, true]);
    }
    const { epoch } = session.info();
    await session.typing.input(Buffer.from("more\\n\r"), { ...root, if_epoch: epoch });
    await shows(running, "more");
  });

  it("types nothing after the session's end, whatever it was called", async () => {
    await using running = await startSession([program("print-and-exit"), "10", "3"]);
    await running.session.ended;
    const { typing } = running.session;
    const refusal = { code: "session_exited", details: { exit: { code: 3 }, exited_at: running.session.end?.at } };
    await assert.rejects(typing.input(Buffer.from("x"), { ...root, input_id: "1", if_epoch: 999 }), refusal);
  });
});
