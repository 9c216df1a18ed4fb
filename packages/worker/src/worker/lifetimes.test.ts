// Sessions that were given a life of their own, with the worker and its hosts: nobody has to be there for it to end. The
// limits are short here; the public ones are a minute at least.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { program } from "../pty/pty-harness.ts";
import { call, TestWorker } from "./worker-harness.ts";

const idle = { argv: [program("read-nothing")] };

/** Never quiet until something is typed, however slow the machine is. */
const busyUntilTyped = {
  argv: ["/bin/sh", "-c", "while :; do printf .; sleep 0.05; done & read typed; kill $!; exec cat"],
};

/** Opens a stream, and lets the session become quiet then. */
async function watch(test: TestWorker, session: string) {
  const stream = await test.worker.stream({ session, from: 0, pace: false }, { closed: () => {} }, call);
  await test.worker.call("sessions.input", { session, data: Buffer.from("\n").toString("base64") }, call);
  return stream;
}

const infoOf = (test: TestWorker, session: string) =>
  test.worker.call("sessions.get", { session }, call) as Promise<SessionInfo>;

async function endOf(test: TestWorker, session: string): Promise<string | null> {
  const ended = () => infoOf(test, session).then(({ state }) => state === "exited");
  await waitUntil("it has ended", ended, { seen: () => infoOf(test, session) });
  return (await infoOf(test, session)).end_reason;
}

describe("a session that was given a life of its own", () => {
  it("ends by it while the worker is away, and is found by name and id with the reason", async () => {
    await using test = await TestWorker.open();
    const limited = await test.start({ name: "limited", time_limit_ms: 500, ...idle });
    const quiet = await test.start({ name: "quiet", idle_exit_ms: 500, ...idle });
    const free = await test.start({ name: "free", ...idle });
    await test.reopen();
    assert.equal(await endOf(test, "limited"), "time_limit");
    assert.equal(await endOf(test, quiet.id), "idle_exit");
    assert.equal((await infoOf(test, "limited")).id, limited.id);
    assert.equal((await infoOf(test, free.id)).state, "running");
    const again = () => test.start({ name: "limited", ...idle }).catch(() => null);
    await waitUntil("its name is free", again);
  });

  it("does not end while a stream is open, nor sooner than it was given after that", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ idle_exit_ms: 1_000, ...busyUntilTyped });
    const stream = await watch(test, id);
    const other = await test.start({ idle_exit_ms: 1_500, ...idle });
    assert.equal(await endOf(test, other.id), "idle_exit");
    assert.equal((await infoOf(test, id)).state, "running");
    stream.close();
    assert.equal(await endOf(test, id), "idle_exit");
  });

  it("counts what was watched by a worker that has gone as watched no more", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ idle_exit_ms: 1_000, ...busyUntilTyped });
    await watch(test, id);
    await test.reopen();
    assert.equal(await endOf(test, id), "idle_exit");
  });
});
