// A session with real programs on real terminals: what is typed, what is printed, what waits, and the end.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { readBytes } from "../output/read-bytes.ts";
import { program } from "../pty/pty-harness.ts";
import { Session } from "./session.ts";
import { type Running, specOf, startSession } from "./session-harness.ts";
import type { SessionStream } from "./stream.ts";

const RING_BYTES = 256 * 1024;

function textOf({ session }: Running): string {
  const { ring } = session;
  return Buffer.from(readBytes(ring, { from: ring.oldest, to: ring.end })).toString();
}

function prints(running: Running, text: string): Promise<unknown> {
  return waitUntil(`it prints ${text}`, () => textOf(running).includes(text), { seen: () => textOf(running) });
}

describe("what is typed into a session", () => {
  it("is in its program once the promise resolves, and returns where the session was before", async () => {
    await using running = await startSession([program("count-input"), "6"]);
    await prints(running, "ready");
    const before = running.session.position();
    assert.deepEqual(await running.session.input(Buffer.from("abc")), before);
    await running.session.input(Buffer.from("def"));
    await prints(running, createHash("sha256").update("abcdef").digest("hex"));
  });

  it("is written once for each number, whatever was sent again, early or twice at once", async () => {
    await using running = await startSession([program("count-input"), "4"]);
    await prints(running, "ready");
    const { session } = running;
    const type = (number: number, text: string) => session.numbered.type({ client: "tab" }, number, Buffer.from(text));
    assert.equal(await type(2, "x"), "hole");
    const first = session.position();
    const second = { ...first, generation: first.generation + 1 };
    assert.deepEqual(await Promise.all([type(1, "a"), type(1, "a"), type(2, "b")]), [first, first, second]);
    assert.equal(session.numbered.next("tab"), 3);
    assert.deepEqual([await type(1, "a"), await type(2, "b"), await type(4, "x")], [first, second, "hole"]);
    await Promise.all([type(3, "c"), type(4, "d")]);
    await prints(running, createHash("sha256").update("abcd").digest("hex"));
  });

  it("acknowledges a number that is sent again only when its first attempt is in the terminal", async () => {
    await using running = await startSession([program("read-nothing")]);
    await prints(running, "ready");
    const { session } = running;
    const settled: string[] = [];
    const large = Buffer.alloc(1024 * 1024, "x");
    const attempts = ["first", "again"].map((name) =>
      session.numbered.type({ client: "tab" }, 1, large).then(
        () => settled.push(`${name} written`),
        () => settled.push(`${name} refused`),
      ),
    );
    await session.kill({ graceMs: 0, reason: "killed" });
    await Promise.all(attempts);
    assert.deepEqual(settled.sort(), ["again refused", "first refused"]);
  });

  it("is activity from the moment that it is accepted, and output is when the screen takes it", async () => {
    await using running = await startSession([program("read-nothing")]);
    await prints(running, "ready");
    const { session } = running;
    await waitUntil("the screen has taken it", () => !session.hasBacklog);
    const { generation } = session;
    assert.ok(generation >= 1);
    const [first, second] = [session.input(Buffer.from("a")), session.input(Buffer.from("b"))];
    assert.equal(session.generation, generation + 2);
    assert.deepEqual([(await first).generation, (await second).generation], [generation, generation + 1]);
    session.screen();
    session.info();
    assert.equal(session.generation, generation + 2, "reading is no activity");
  });

  it("is refused when the session has ended, numbered or not, and the number stays free", async () => {
    await using running = await startSession([program("print-and-exit"), "10", "3"]);
    const { session } = running;
    await session.ended;
    const refusal = { code: "session_exited", details: { exit: { code: 3 }, exited_at: session.end?.at } };
    await assert.rejects(session.input(Buffer.from("x")), refusal);
    await assert.rejects(session.numbered.type({ client: "tab" }, 1, Buffer.from("x")), refusal);
    assert.equal(session.numbered.next("tab"), 1);
    assert.throws(() => session.resize({ rows: 10, cols: 10 }), refusal);
  });
});

describe("a session whose screen is not fed", () => {
  it("reads no more than half its ring ahead, and goes on when somebody reads the screen", async () => {
    await using stuck = await startSession([program("flood")], { ringBytes: RING_BYTES, isFed: false });
    await using other = await startSession([program("flood")], { ringBytes: RING_BYTES });
    const most = RING_BYTES / 2 + 64 * 1024;
    const held = () => stuck.session.ring.end > RING_BYTES / 2;
    await waitUntil("it is held", held, { seen: () => stuck.session.ring.end });
    // As a clock: what another prints meanwhile.
    const from = other.session.ring.end;
    await waitUntil("another has printed 4 MiB", () => other.session.ring.end - from > 4 * 1024 * 1024);
    const stoodAt = stuck.session.ring.end;
    assert.ok(stoodAt <= most, `it has read ${stoodAt} bytes`);
    stuck.session.screen();
    await waitUntil("it goes on", () => stuck.session.ring.end > stoodAt);
  });

  it("reads no more than half a megabyte ahead however large its ring is", async () => {
    await using stuck = await startSession([program("flood")], { ringBytes: 16 * 1024 * 1024, isFed: false });
    await using other = await startSession([program("flood")], { ringBytes: RING_BYTES });
    await waitUntil("another has printed 4 MiB", () => other.session.ring.end > 4 * 1024 * 1024);
    await waitUntil("it is held", () => stuck.session.ring.end > 512 * 1024);
    const stoodAt = stuck.session.ring.end;
    assert.ok(stoodAt <= 512 * 1024 + 64 * 1024, `it has read ${stoodAt} bytes`);
  });

  it("misses no byte of a program that prints more than the ring holds, and ends", async () => {
    const bytes = 3_000_000;
    for (const isFed of [true, false]) {
      await using running = await startSession([program("print-and-exit"), String(bytes)], {
        ringBytes: RING_BYTES,
        isFed,
      });
      const { session } = running;
      const nudge = setInterval(() => session.screen(), 1);
      await session.ended.finally(() => clearInterval(nudge));
      const screen = session.screen();
      assert.deepEqual([session.ring.end, screen.fed, session.hasBacklog], [bytes, bytes, false]);
      // 8 bytes a line: the last whole one is number 375,000.
      assert.ok(textOf(running).endsWith("0375000\n"), textOf(running).slice(-40));
    }
  });
});

describe("a session that a stream holds back", () => {
  it("stands still until the last stream lets go", async () => {
    await using running = await startSession([program("flood")], { ringBytes: RING_BYTES });
    const { session } = running;
    const [one, two] = [{} as SessionStream, {} as SessionStream];
    await waitUntil("it prints", () => session.ring.end > 0);
    session.streams.holdForPace(one, true);
    session.streams.holdForPace(two, true);
    session.streams.holdForPace(one, false);
    const stoodAt = session.ring.end;
    await using other = await startSession([program("flood")], { ringBytes: RING_BYTES });
    await waitUntil("another has printed 1 MiB", () => other.session.ring.end > 1024 * 1024);
    assert.ok(session.ring.end - stoodAt <= 64 * 1024, "what was on its way has come, and no more");
    session.streams.holdForPace(two, false);
    const passed = stoodAt + RING_BYTES;
    await waitUntil("it goes on", () => session.ring.end > passed);
  });

  it("is read to its end all the same", async () => {
    await using running = await startSession([program("print-and-exit"), "9000"]);
    const { session } = running;
    session.streams.holdForPace({} as SessionStream, true);
    assert.deepEqual((await session.ended).exit, { code: 0 });
    assert.equal(session.ring.end, 9000);
  });
});

describe("the size of a session", () => {
  it("is clamped at its start, and its program sees what is in effect", async () => {
    await using running = await startSession([program("report-size")], { spec: { rows: 5000, cols: 1 } });
    await prints(running, "1000 2");
    assert.deepEqual(running.session.size.outer, { rows: 1000, cols: 2 });
  });

  it("changes for the program, the screen and its info, and only when it differs", async () => {
    await using running = await startSession([program("report-size")]);
    await prints(running, "24 80");
    const { session } = running;
    const resized = session.resize({ rows: 30, cols: 2000 });
    assert.deepEqual([resized.rows, resized.cols], [30, 1000]);
    await prints(running, "30 1000");
    const { rows, cols } = session.info();
    const screen = session.screen().read("plain");
    assert.deepEqual([rows, cols, screen.rows, screen.cols], [30, 1000, 30, 1000]);
    await waitUntil("the screen has taken it", () => !session.hasBacklog);
    const { epoch } = session.resize({ rows: 30, cols: 1000 });
    assert.equal(session.resize({ rows: 30, cols: 1500 }).epoch, epoch, "the same size in effect");
  });
});

describe("a session", () => {
  it("gives its program its id and the nonce for reports, and keeps the nonce for marks from it", async () => {
    await using running = await startSession(["/bin/sh", "-c", "env; exec sleep 1000"]);
    const { session } = running;
    await prints(running, `FLEETTY_SESSION=${session.id}`);
    await prints(running, `FLEETTY_REPORT=${session.nonces.report}`);
    assert.ok(!textOf(running).includes(session.nonces.marks));
    const told = JSON.stringify([session.info(), session.spec]);
    for (const secret of Object.values(session.nonces)) assert.ok(!told.includes(secret), "a nonce is told");
    assert.ok(!("env" in session.spec));
  });

  it("says that it has changed once after each read, before anybody could see more", async () => {
    await using running = await startSession(["/bin/cat"]);
    const { session, told } = running;
    await session.input(Buffer.from("unseen\n"));
    await prints(running, "unseen\r\nunseen\r\n");
    assert.deepEqual(told, [], "nobody has read");
    const seen = session.screen().read("plain");
    await session.input(Buffer.from("one\n"));
    await prints(running, "one\r\none");
    assert.deepEqual(told, ["changed"]);
    const now = session.screen().read("plain");
    assert.notDeepEqual(now.lines, seen.lines);
    session.resize({ rows: 10, cols: 40 });
    assert.deepEqual(told, ["changed", "changed"]);
    session.screen();
    await session.kill({ graceMs: 0, reason: "killed" });
    assert.deepEqual(told, ["changed", "changed", "changed", "ended"]);
  });

  it("ends once, with its exit, after its last byte, and answers for its last moment", async () => {
    await using running = await startSession(["/bin/sh", "-c", "printf last; exit 7"], { isFed: false });
    const { session } = running;
    const end = await session.ended;
    assert.equal(session.hasBacklog, false, "the screen has it all, though nobody fed it");
    assert.deepEqual([end.exit, end.reason], [{ code: 7 }, "exited"]);
    const { state, exit, exited_at, cwd, offset } = session.info();
    assert.deepEqual([state, exit, exited_at, cwd, offset], ["exited", { code: 7 }, end.at, null, 4]);
    assert.equal((session.screen().read("plain").lines as string[])[0], "last");
    assert.deepEqual(
      await session.kill({ graceMs: 0, reason: "killed" }),
      end,
      "a kill that comes late changes nothing",
    );
    assert.equal(await session.killEvidence(), null);
    assert.deepEqual(running.told, ["ended"]);
  });

  it("that is killed twice at once ends once, by the first reason", async () => {
    await using running = await startSession([program("ignore-sigterm")]);
    const { session } = running;
    const ends = await Promise.all(["killed", "shutdown"].map((reason) => session.kill({ graceMs: 0, reason })));
    assert.deepEqual(
      ends.map(({ reason }) => reason),
      ["killed", "killed"],
    );
    assert.ok("signal" in (session.end?.exit ?? {}), JSON.stringify(session.end));
    assert.deepEqual(running.told, ["ended"]);
  });

  it("lives on while its processes are another user's, whom the kernel does not let it end, and says which they are", async (test) => {
    await using running = await startSession(["/bin/sleep", "1000"]);
    const { session } = running;
    const refused = test.mock.method(process, "kill", () => {
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    });
    const killing = session.kill({ graceMs: 0, reason: "killed" });
    await assert.rejects(killing, { code: "still_running", details: { pids: [session.info().pid] } });
    refused.mock.restore();
    assert.equal(session.end, null);
    await session.kill({ graceMs: 0, reason: "killed" });
  });

  it("leaves nothing behind when its program cannot be started", async () => {
    const never = () => assert.fail("it lives");
    const hooks = { changed: never, output: never, due: never, happened: never, ended: never };
    const spec = specOf(["/no/such/program"]);
    await assert.rejects(Session.start(spec, { ringBytes: RING_BYTES }, hooks), { code: "session_create_failed" });
    await assert.rejects(Session.start({ ...specOf(["/bin/sh"]), cwd: "/no/such" }, { ringBytes: RING_BYTES }, hooks), {
      code: "invalid_request",
      details: { field: "cwd", step: "cwd", reason: "not_found" },
    });
  });
});
