// The connection between a client and the server breaks where it hurts: between a written input and its acknowledgement, and
// within frames of a stream. FLEETTY_TEST_SEED moves the cuts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect, type WatchItem } from "@fleetty/client";
import { FaultProxy } from "./harness/fault-proxy.ts";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { fixture } from "./harness/programs.ts";
import { randomFrom } from "./harness/random.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SEED = Number(process.env["FLEETTY_TEST_SEED"] ?? 1);
const STREAM_BYTES = 10_000_000;
const WATCHERS = 4;
const CUTS_EACH = 50;
/** Much less than a page of what is left of an ended session, and a few of them. */
const CUT_WITHIN = { frames: 300_000, pages: 3_000_000 };

function through(proxy: FaultProxy) {
  return connect({ socket: proxy.socketPath });
}

/** What a watcher was given, each piece at its offset, and what it was told that it would not get. */
class Watched {
  readonly pieces: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  readonly gaps: { readonly from: number; readonly to: number }[] = [];
  reconnections = 0;
  /** Offset after the last byte that came or was declared. */
  end = NUMBERS_FROM;

  take(item: WatchItem): void {
    if (item.type === "output") {
      this.pieces.push(item);
      this.end = item.offset + item.bytes.byteLength;
    } else if (item.type === "gap") {
      this.gaps.push({ from: item.from, to: item.to });
      this.end = item.to;
    } else if (item.type === "reconnected") this.reconnections += 1;
    else if (item.type === "exit")
      assert.deepEqual([item.exit, item.offset], [{ code: 0 }, NUMBERS_FROM + STREAM_BYTES]);
    else assert.ok(["size", "snapshot", "disconnected"].includes(item.type), JSON.stringify(item));
  }

  /** Every byte that came is the one that was printed there, and the others were declared: nothing twice, nothing silent. */
  check(end: number): void {
    const gaps = [...this.gaps];
    let at = NUMBERS_FROM;
    const skipTo = (offset: number) => {
      for (let gap = gaps[0]; at < offset && gap?.from === at; gap = gaps[0]) {
        at = gap.to;
        gaps.shift();
      }
      assert.equal(at, offset, `a silent hole or a repetition, seed ${SEED}`);
    };
    for (const { offset, bytes } of this.pieces) {
      skipTo(offset);
      at = offset + bytes.byteLength;
      assert.ok(numberedLines(offset, at).equals(bytes), `other bytes at ${offset}, seed ${SEED}`);
    }
    skipTo(end);
    assert.deepEqual(gaps, []);
  }
}

/** Watches from the first number to the end, over a connection that is cut again and again within what comes. */
async function watchOverCuts(server: TestServer, watched: Watched, cuts: { seed: number; within: number }) {
  await using proxy = await FaultProxy.open({ path: server.socketPath });
  using client = through(proxy);
  const random = randomFrom(cuts.seed);
  let isOver = false;
  const cutting = (async () => {
    for (let times = 0; times < CUTS_EACH && !isOver; times += 1) {
      const direction = (["up", "down", "both"] as const)[Math.floor(random() * 3)] ?? "both";
      await proxy.cutAfter(Math.floor(random() ** 2 * cuts.within), direction);
      proxy.heal();
    }
  })();
  for await (const item of client.sessions.watch({ session: "prints", from: NUMBERS_FROM })) watched.take(item);
  isOver = true;
  void cutting;
}

interface Streaming {
  readonly ringBytes: number;
  /** The program ends when it has printed all, else when all have it. */
  readonly endsAtOnce: boolean;
}

/** Lets the program print its 10 MB while all watch. */
async function streamOverCuts({ ringBytes, endsAtOnce }: Streaming): Promise<Watched[]> {
  await using server = await startServer({ args: ["--output-ring", String(ringBytes)] });
  const argv = [fixture("print-when-told"), String(STREAM_BYTES)];
  const session = await TestSession.start(server.socketPath, "prints", { argv, ready: "ready" });
  const all = Array.from({ length: WATCHERS }, () => new Watched());
  const within = endsAtOnce ? CUT_WITHIN.pages : CUT_WITHIN.frames;
  const watching = Promise.all(
    all.map((watched, at) => watchOverCuts(server, watched, { seed: SEED * 1_000 + at, within })),
  );
  await waitUntil("all watch", async () => (await session.info()).clients === WATCHERS);
  await session.type("\n");
  const end = NUMBERS_FROM + STREAM_BYTES;
  const hasPrinted = async () => (await session.end()) === end;
  const hasCome = () => all.every((watched) => watched.end >= end);
  await Promise.race([
    watching,
    waitUntil("all is printed, or all have it", endsAtOnce ? hasPrinted : hasCome, {
      deadlineMs: 120_000,
      seen: () => all.map((watched) => watched.end),
    }),
  ]);
  await session.type("\n");
  await watching;
  return all;
}

describe("a stream that is cut again and again", () => {
  for (const endsAtOnce of [false, true]) {
    const when = endsAtOnce ? "though the session ends meanwhile" : "while the session goes on";
    it(`brings every byte once and in order, as long as the host has it, ${when}`, async () => {
      const all = await streamOverCuts({ ringBytes: 16 * 1024 * 1024, endsAtOnce });
      for (const watched of all) {
        watched.check(NUMBERS_FROM + STREAM_BYTES);
        assert.deepEqual(watched.gaps, []);
      }
      const times = all.map(({ reconnections }) => reconnections);
      assert.ok(endsAtOnce || times.every((count) => count > CUTS_EACH / 2), `they came back ${times} times`);
    });
  }

  it("brings every byte once or says that it will not come, where the host keeps less than was missed", async () => {
    const all = await streamOverCuts({ ringBytes: 64 * 1024, endsAtOnce: false });
    for (const watched of all) watched.check(NUMBERS_FROM + STREAM_BYTES);
    assert.ok(all.some(({ gaps }) => gaps.length > 0));
  });
});

describe("an input whose acknowledgement is cut off", () => {
  it("is written once, and acknowledged with the place before it, so that a wait from there finds its answer", async () => {
    await using server = await startServer();
    await using proxy = await FaultProxy.open({ path: server.socketPath });
    using client = through(proxy);
    const file = join(server.home.root, "recorded");
    const script = `stty -echo; echo ready; while IFS= read -r text; do echo "$text" >>${file}; echo "got $text"; done`;
    const argv = ["/bin/sh", "-c", script];
    const session = await TestSession.start(server.socketPath, "reads", { argv, ready: "ready" });
    const watch = client.sessions.watch({ session: "reads" });
    const kinds: string[] = [];
    const reading = (async () => {
      for await (const { type } of watch) kinds.push(type);
    })();
    await watch.write("first\n");
    await session.shows("got first");
    for (let round = 0; round < 5; round += 1) {
      const before = await session.info();
      proxy.cut("down");
      const writing = watch.write(`round ${round}\n`);
      await session.shows(`got round ${round}`);
      proxy.heal();
      const at = await writing;
      assert.deepEqual(at, { generation: before.generation, offset: before.offset });
      const until = { pattern: { regex: `^got round ${round}$`, on: "output" } };
      const { json } = await session.ask("/wait", { body: { since: at, until, max_wait_ms: 20_000 } });
      assert.equal(json.reason, "pattern");
    }
    assert.equal(readFileSync(file, "utf8"), "first\nround 0\nround 1\nround 2\nround 3\nround 4\n");
    watch.close();
    await reading;
    assert.equal(kinds.filter((kind) => kind === "reconnected").length, 5);
  });

  it("comes late when it was only held up, over TCP, and nothing is sent again", async () => {
    await using server = await startServer({ tcp: true });
    await using proxy = await FaultProxy.open(await server.tcp(), "tcp");
    using client = connect({ url: `http://127.0.0.1:${proxy.port}`, token: server.token });
    const session = await TestSession.start(server.socketPath, "reads", { argv: [fixture("say")], ready: "ready" });
    const watch = client.sessions.watch({ session: "reads" });
    const kinds: string[] = [];
    const reading = (async () => {
      for await (const { type } of watch) kinds.push(type);
    })();
    await watch.write("first ");
    proxy.freeze("down");
    const writing = watch.write("second\n");
    await session.shows("first second");
    proxy.heal();
    await writing;
    watch.close();
    await reading;
    assert.ok(!kinds.includes("disconnected"), kinds.join());
  });
});
