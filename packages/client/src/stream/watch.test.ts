import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { FakeServer } from "../../test/fake-server.ts";
import { type Client, connect, type Watch, type WatchItem } from "../index.ts";

describe("a watch", () => {
  const server = new FakeServer();
  let client: Client;
  let names = 0;

  before(async () => {
    await server.start();
    client = connect({ socket: server.socket });
  });

  after(async () => {
    client.close();
    await server.stop();
  });

  const fresh = () => server.session(`s${names++}`);

  it("shows bytes from an offset, then live ones, then how the session ended", async () => {
    const session = fresh();
    session.print("one ");
    const watch = client.sessions.watch({ session: session.name, from: 0 });
    const reader = new Reader(watch);
    await reader.until("text", () => reader.text === "one ");
    session.print("two");
    session.finish({ code: 3 });
    await reader.done;
    assert.equal(reader.text, "one two");
    assert.deepEqual(reader.items.at(-1), { type: "exit", exit: { code: 3 }, offset: 7 });
  });

  it("begins at the present end when nothing else is said", async () => {
    const session = fresh();
    session.print("before");
    const reader = new Reader(client.sessions.watch({ session: session.name }));
    await until("a viewer", () => session.viewers === 1);
    session.print("after");
    session.finish({ code: 0 });
    await reader.done;
    assert.equal(reader.text, "after");
  });

  it("begins with a snapshot when asked", async () => {
    const session = fresh();
    session.print("before");
    const reader = new Reader(client.sessions.watch({ session: session.name, snapshot: true }));
    await until("a viewer", () => session.viewers === 1);
    session.print("after");
    session.finish({ code: 0 });
    await reader.done;
    const [, snapshot] = reader.items;
    assert.deepEqual(snapshot, {
      type: "snapshot",
      offset: 6,
      cols: 80,
      rows: 24,
      alternate: false,
      vt: "screen at 6",
    });
    assert.equal(reader.text, "after");
  });

  it("lets more come only as its consumer takes items", async () => {
    const session = fresh();
    session.print(new Uint8Array(1_000_000));
    const watch = client.sessions.watch({ session: session.name, from: 0 });
    await watch.next();
    await wait(50);
    assert.equal(session.credited, 0);
    const reader = new Reader(watch);
    await reader.until("all bytes", () => reader.bytes === 1_000_000);
    session.finish({ code: 0 });
    await reader.done;
    assert.ok(session.credited >= 1_000_000 - 128 * 1024, `${session.credited}`);
  });

  it("goes on after the server was killed and started again: nothing twice, nothing missing", async () => {
    const session = fresh();
    const reader = new Reader(client.sessions.watch({ session: session.name, from: 0 }));
    let expected = "";
    for (let round = 0; round < 5; round += 1) {
      const printed = `round ${round} `;
      expected += printed;
      session.print(printed);
      if (round % 2 === 0) await reader.until("this round", () => reader.text === expected);
      await server.kill();
      session.print("meanwhile ");
      expected += "meanwhile ";
      await server.start();
    }
    await reader.until("everything", () => reader.text === expected);
    session.finish({ code: 0 });
    await reader.done;
    assert.equal(reader.text, expected);
    assert.ok(reader.items.some(({ type }) => type === "disconnected"));
    assert.ok(reader.items.some(({ type }) => type === "reconnected"));
    assert.ok(!reader.items.some(({ type }) => type === "gap"));
  });

  it("declares what cannot come any more", async () => {
    const session = fresh();
    session.print("old");
    const reader = new Reader(client.sessions.watch({ session: session.name, from: 0 }));
    await reader.until("the first bytes", () => reader.text === "old");
    await server.kill();
    session.print("lost bytes");
    session.trim(8);
    await server.start();
    await reader.until("a snapshot", () => reader.items.some(({ type }) => type === "snapshot"));
    const gap = reader.items.find(({ type }) => type === "gap");
    assert.deepEqual(gap, { type: "gap", from: 3, to: 13, reason: "expired" });
    session.finish({ code: 0 });
    await reader.done;
  });

  it("reads what came after the cut when the session ended meanwhile", async () => {
    const session = fresh();
    const reader = new Reader(client.sessions.watch({ session: session.name, from: 0 }));
    session.print("seen ");
    await reader.until("the first bytes", () => reader.text === "seen ");
    await server.kill();
    session.print("x".repeat(2_500_000));
    session.finish({ signal: "SIGKILL" });
    await server.start();
    await reader.done;
    assert.equal(reader.bytes, 2_500_005);
    assert.deepEqual(reader.items.at(-1), { type: "exit", exit: { signal: "SIGKILL" }, offset: 2_500_005 });
  });

  it("names what an ended session has not kept", async () => {
    const session = fresh();
    const reader = new Reader(client.sessions.watch({ session: session.name, from: 0 }));
    session.print("seen ");
    await reader.until("the first bytes", () => reader.text === "seen ");
    await server.kill();
    session.print("lost");
    session.trim(9);
    session.finish({ unknown: true });
    await server.start();
    await reader.done;
    assert.deepEqual(reader.items.slice(-2), [
      { type: "gap", from: 5, to: 9, reason: "expired" },
      { type: "exit", exit: { unknown: true }, offset: 9 },
    ]);
  });

  it("writes numbered inputs once each, in order, over a server that dies before it acknowledges", async () => {
    const session = fresh();
    const watch = client.sessions.watch({ session: session.name, from: 0 });
    const reader = new Reader(watch);
    await watch.write("a");
    session.holdsAcks = true;
    const writes = ["b", "c"].map((text) => watch.write(text));
    await until("taken but not acknowledged", () => session.typed.join("") === "abc");
    await server.kill();
    const later = watch.write("d");
    session.holdsAcks = false;
    await server.start();
    await Promise.all([...writes, later]);
    assert.equal(session.typed.join(""), "abcd");
    session.finish({ code: 0 });
    await reader.done;
    await assert.rejects(watch.write("e"), { code: "session_exited" });
  });

  it("resizes the session, and everybody who watches hears of it", async () => {
    const session = fresh();
    const watch = client.sessions.watch({ session: session.name });
    const reader = new Reader(watch);
    watch.resize({ rows: 40, cols: 100 });
    const isNew = (item: WatchItem) => item.type === "size" && item.rows === 40 && item.cols === 100;
    await reader.until("the new size", () => reader.items.some(isNew));
    session.finish({ code: 0 });
    await reader.done;
  });

  it("tells of elements that may have changed, also while the connection was lost, and knows no frame of the future", async () => {
    const session = fresh();
    const attached = new Reader(client.sessions.watch({ session: session.name, attach: true }));
    const other = new Reader(client.sessions.watch({ session: session.name }));
    const told = ({ items }: Reader) => items.filter(({ type }) => type === "elements").length;
    await until("two viewers", () => session.viewers === 2);
    session.tell({ type: "hologram" });
    session.tell({ type: "elements" });
    await until("the news", () => told(attached) === 1 && told(other) === 1);
    await server.kill();
    await server.start();
    await until("news of what may have been missed", () => told(attached) === 2 && session.viewers === 2);
    session.finish({ code: 0 });
    await Promise.all([attached.done, other.done]);
    assert.equal(told(other), 1);
    const { type } = attached.items[attached.items.findIndex((item) => item.type === "reconnected") + 1] ?? {};
    assert.equal(type, "elements");
  });

  it("refuses to watch what is not there", async () => {
    await assert.rejects(new Reader(client.sessions.watch({ session: "nobody" })).done, { code: "session_not_found" });
  });

  it("ends with session_not_found when the session was forgotten meanwhile", async () => {
    const session = fresh();
    const reader = new Reader(client.sessions.watch({ session: session.name }));
    await until("a viewer", () => session.viewers === 1);
    await server.kill();
    server.sessions.delete(session.name);
    await server.start();
    await assert.rejects(reader.done, { code: "session_not_found" });
  });

  it("stays with its session when another takes the name", async () => {
    const session = fresh();
    const reader = new Reader(client.sessions.watch({ session: session.name, from: 0 }));
    await until("a viewer", () => session.viewers === 1);
    assert.ok(server.asked.some(({ path }) => path === `/sessions/${session.id}/ws/raw`));
    session.finish({ code: 0 });
    await reader.done;
  });

  it("ends when its signal aborts, and closes its socket", async () => {
    const session = fresh();
    const abort = new AbortController();
    const reader = new Reader(client.sessions.watch({ session: session.name }, { signal: abort.signal }));
    await until("a viewer", () => session.viewers === 1);
    abort.abort();
    await assert.rejects(reader.done, { code: "cancelled" });
    await until("no viewer", () => session.viewers === 0);
  });

  it("closes its socket when its consumer leaves the loop", async () => {
    const session = fresh();
    session.print("x");
    for await (const item of client.sessions.watch({ session: session.name, from: 0 })) {
      if (item.type === "output") break;
    }
    await until("no viewer", () => session.viewers === 0);
  });
});

/** Gathers what a watch shows. */
class Reader {
  readonly items: WatchItem[] = [];
  readonly done: Promise<void>;
  text = "";
  bytes = 0;

  constructor(watch: Watch) {
    this.done = this.#read(watch);
    this.done.catch(() => {});
  }

  until(why: string, holds: () => boolean): Promise<void> {
    return until(why, holds);
  }

  async #read(watch: Watch): Promise<void> {
    for await (const item of watch) {
      this.items.push(item);
      if (item.type !== "output") continue;
      this.bytes += item.bytes.byteLength;
      if (this.bytes < 10_000) this.text += Buffer.from(item.bytes).toString();
    }
  }
}

async function until(why: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for ${why}`);
    await wait(5);
  }
}
