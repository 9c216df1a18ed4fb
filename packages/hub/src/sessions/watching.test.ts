// The races of watching, told by a worker whose every answer and frame the test chooses.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { ChannelEvents } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { OpenStream, StreamRequest, WorkerPort } from "@fleetty/protocol/worker-port";
import type { Viewer, ViewerOptions, ViewerSink } from "../calls.ts";
import { hubCall } from "./hub-call.ts";
import { Watching } from "./watching.ts";

/** A stream that was asked for: answered when the test says so. */
interface Asked {
  readonly request: StreamRequest;
  readonly events: Required<ChannelEvents>;
  readonly credits: number[];
  isClosed: boolean;
  answer(opened: { offset: number; rows?: number; cols?: number }): Promise<void>;
  refuse(error: FleettyError): Promise<void>;
}

class ScriptedWorker {
  readonly streams: Asked[] = [];
  /** What a snapshot is answered with, one after another. */
  readonly snapshots: PromiseWithResolvers<{ offset: number }>[] = [];

  readonly port = {
    stream: (request: StreamRequest, events: ChannelEvents) => this.#stream(request, events),
    call: (name: string) => this.#call(name),
  } as unknown as WorkerPort;

  #stream(request: StreamRequest, events: ChannelEvents): Promise<OpenStream> {
    const opening = Promise.withResolvers<OpenStream>();
    const credits: number[] = [];
    const asked: Asked = {
      request,
      events: events as Required<ChannelEvents>,
      credits,
      isClosed: false,
      answer: ({ offset, rows = 24, cols = 80 }) => {
        const close = () => {
          asked.isClosed = true;
        };
        opening.resolve({ offset, rows, cols, credit: (upto) => credits.push(upto), close });
        return settled();
      },
      refuse: (error) => {
        opening.reject(error);
        return settled();
      },
    };
    this.streams.push(asked);
    return opening.promise;
  }

  #call(name: string): Promise<unknown> {
    assert.equal(name, "sessions.snapshot");
    const answer = Promise.withResolvers<{ offset: number }>();
    this.snapshots.push(answer);
    return answer.promise.then(({ offset }) => ({ offset, cols: 80, rows: 24, alternate: false, vt: "picture" }));
  }
}

/** What a viewer was shown, in order. */
class Shown implements ViewerSink {
  readonly frames: string[] = [];
  output = (offset: number, bytes: Uint8Array) => void this.frames.push(`${offset} ${Buffer.from(bytes)}`);
  snapshot = (offset: number) => void this.frames.push(`snapshot ${offset}`);
  gap = (from: number, to: number) => void this.frames.push(`gap ${from} ${to}`);
  size = (rows: number, cols: number) => void this.frames.push(`size ${rows} ${cols}`);
  elements = () => void this.frames.push("elements");
  exit = (_exit: unknown, offset: number) => void this.frames.push(`exit ${offset}`);
  written = () => {};
  error = (_input: number | undefined, error: FleettyError) => void this.frames.push(`error ${error.code}`);
  detached = () => void this.frames.push("detached");
  ended = (reason: string) => void this.frames.push(`ended ${reason}`);
  bufferedBytes = () => 0;
}

/** Everything that can happen without another word of the worker has happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function scene(limits = { viewersPerSession: 3, viewers: 4 }) {
  const worker = new ScriptedWorker();
  const watching = new Watching(limits);
  const begin = (options: Partial<ViewerOptions> & { id?: string; printed?: number } = {}) => {
    const { id = "ses_1", printed = 0, ...query } = options;
    const shown = new Shown();
    const begun = watching.begin({
      info: { id, name: "one", offset: printed } as SessionInfo,
      port: worker.port,
      options: { session: id, credits: true, ...query },
      sink: shown,
      mayType: false,
      call: hubCall,
    });
    begun.catch(() => {});
    return { shown, begun };
  };
  return { worker, watching, begin };
}

type Scene = ReturnType<typeof scene>;

/** A viewer on an open stream at 100. */
async function watched({ worker, begin }: Scene): Promise<{ shown: Shown; viewer: Viewer; stream: Asked }> {
  const { shown, begun } = begin();
  const stream = worker.streams[0] as Asked;
  await stream.answer({ offset: 100 });
  return { shown, viewer: await begun, stream };
}

const cut = () => new FleettyError("server_unavailable", "the link was cut");

describe("viewers of one session", () => {
  it("share one stream, also when they begin at once", async () => {
    const all = scene();
    const [first, second] = [all.begin(), all.begin()];
    await (all.worker.streams[0] as Asked).answer({ offset: 100 });
    await Promise.all([first.begun, second.begun]);
    const third = all.begin();
    await third.begun;
    all.worker.streams[0]?.events.output(100, Buffer.from("abc"));
    assert.equal(all.worker.streams.length, 1);
    for (const { shown } of [first, second, third]) assert.deepEqual(shown.frames, ["size 24 80", "100 abc"]);
  });

  it("are no more than the limits say, however many begin at once, and those who did not begin do not count", async () => {
    const all = scene();
    const begun = [1, 2, 3, 4, 5].map(() => all.begin().begun);
    await (all.worker.streams[0] as Asked).refuse(new FleettyError("session_exited", "it has ended"));
    const codes = (await Promise.allSettled(begun)).map((one) => one.status === "rejected" && one.reason.code);
    assert.deepEqual(codes, [...Array(3).fill("session_exited"), ...Array(2).fill("resource_limit_reached")]);
    assert.deepEqual([all.watching.places.total, all.watching.places.count("ses_1")], [0, 0]);
    const others = [1, 2].flatMap(() => [all.begin(), all.begin({ id: "ses_2" })]);
    const { begun: fifth } = all.begin();
    await assert.rejects(fifth, { code: "resource_limit_reached", details: { limit: "viewers", max: 4 } });
    assert.equal(others.length, all.watching.places.total);
  });

  it("keep the stream of one that leaves while they begin", async () => {
    const all = scene();
    const { viewer, stream } = await watched(all);
    const { shown, begun } = all.begin({ snapshot: true });
    await settled();
    viewer.close();
    stream.events.output(100, Buffer.from("abc"));
    all.worker.snapshots[0]?.resolve({ offset: 101 });
    await begun;
    stream.events.output(103, Buffer.from("d"));
    assert.deepEqual(shown.frames, ["size 24 80", "snapshot 101", "101 bc", "103 d"]);
    assert.equal(stream.isClosed, false);
  });

  it("leave no stream open behind them, also when they leave or are refused while it opens", async () => {
    const all = scene();
    const { viewer, stream } = await watched(all);
    viewer.close();
    assert.equal(stream.isClosed, true);
    const refused = all.begin({ from: 101 });
    await all.worker.streams[1]?.answer({ offset: 100 });
    await assert.rejects(refused.begun, { code: "invalid_query" });
    assert.equal(all.worker.streams[1]?.isClosed, true);
    const pictured = all.begin({ snapshot: true });
    await all.worker.streams[2]?.answer({ offset: 100 });
    all.worker.snapshots[0]?.reject(new FleettyError("server_timeout", "the screen could not be read in time"));
    await assert.rejects(pictured.begun, { code: "server_timeout" });
    assert.deepEqual([all.worker.streams[2]?.isClosed, all.watching.places.total], [true, 0]);
    all.begin();
    all.watching.close();
    await all.worker.streams[3]?.answer({ offset: 100 });
    assert.equal(all.worker.streams[3]?.isClosed, true);
  });
});

describe("a viewer that begins", () => {
  it("is shown the picture before any byte, wherever the feed is, and has a window of its own from there", async () => {
    const all = scene();
    const { stream } = await watched(all);
    const { shown, begun } = all.begin({ snapshot: true });
    await settled();
    const far = 100 + 10 * 1024 * 1024;
    all.worker.snapshots[0]?.resolve({ offset: far });
    await begun;
    stream.events.output(100, Buffer.from("not for it"));
    stream.events.gap(110, far, "skipped");
    stream.events.output(far, Buffer.from("abc"));
    assert.deepEqual(shown.frames, ["size 24 80", `snapshot ${far}`, `${far} abc`]);
  });

  it("is told the size as it is when it has begun, once", async () => {
    const all = scene();
    const { stream } = await watched(all);
    const { shown, begun } = all.begin({ snapshot: true });
    await settled();
    stream.events.size(30, 90);
    all.worker.snapshots[0]?.resolve({ offset: 100 });
    await begun;
    assert.deepEqual(shown.frames, ["size 30 90", "snapshot 100"]);
  });

  it("misses nothing that came in the same read as the answer", async () => {
    const all = scene();
    const { shown, begun } = all.begin({ from: 100, printed: 100 });
    const stream = all.worker.streams[0] as Asked;
    const answered = stream.answer({ offset: 100 });
    stream.events.size(30, 90);
    stream.events.output(100, Buffer.from("abc"));
    stream.events.exit({ code: 0 }, 103);
    stream.events.closed("session ended");
    await answered;
    await begun;
    assert.deepEqual(shown.frames, ["size 30 90", "100 abc", "exit 103", "ended session ended"]);
    assert.equal(all.watching.places.total, 0);
  });

  it("is refused when the link is lost in the same read as the answer", async () => {
    const all = scene();
    const { begun } = all.begin();
    const stream = all.worker.streams[0] as Asked;
    const answered = stream.answer({ offset: 100 });
    stream.events.closed("link lost");
    await answered;
    await assert.rejects(begun, { code: "server_unavailable" });
    assert.equal(all.watching.places.total, 0);
  });

  it("may begin where the session was when it was asked, though the feed is not there yet", async () => {
    const all = scene();
    const { stream } = await watched(all);
    const { shown, begun } = all.begin({ from: 102, printed: 102 });
    await begun;
    stream.events.output(100, Buffer.from("abcd"));
    assert.deepEqual(shown.frames, ["size 24 80", "102 cd"]);
  });
});

describe("a viewer whose link is lost", () => {
  it("goes on from the next byte, is told a size that changed meanwhile, and another may begin in between", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const all = scene();
    const { shown, stream } = await watched(all);
    stream.events.output(100, Buffer.from("abc"));
    stream.events.closed("link lost");
    test.mock.timers.tick(200);
    await all.worker.streams[1]?.refuse(cut());
    const other = all.begin();
    await settled();
    const again = all.worker.streams[2] as Asked;
    assert.equal(again.request.from, 103);
    await again.answer({ offset: 103, rows: 30, cols: 90 });
    await other.begun;
    test.mock.timers.tick(1_000);
    assert.equal(all.worker.streams.length, 3, "nothing is opened twice");
    again.events.output(103, Buffer.from("d"));
    assert.deepEqual(shown.frames, ["size 24 80", "100 abc", "size 30 90", "103 d"]);
    assert.deepEqual(other.shown.frames, ["size 30 90", "103 d"]);
  });

  it("hears that it is over when its session is gone", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const all = scene();
    const { shown, stream } = await watched(all);
    stream.events.closed("link lost");
    test.mock.timers.tick(200);
    await all.worker.streams[1]?.refuse(new FleettyError("session_exited", "it is lost"));
    assert.deepEqual(shown.frames, ["size 24 80", "error session_exited", "ended it is lost"]);
    assert.equal(all.watching.places.total, 0);
  });
});

describe("a paced viewer", () => {
  it("has the stream opened again from the next byte, and the program go on as far as it has taken", async () => {
    const all = scene();
    const { stream } = await watched(all);
    stream.events.output(100, Buffer.from("abc"));
    const paced = all.begin({ pace: true });
    const again = all.worker.streams[1] as Asked;
    assert.deepEqual([stream.isClosed, again.request.from, again.request.pace], [true, 103, true]);
    await again.answer({ offset: 103 });
    const viewer = await paced.begun;
    const much = Buffer.alloc(300 * 1024, "x");
    again.events.output(103, much);
    assert.equal(again.credits.at(-1), 103 + 256 * 1024, "as far as its window goes");
    viewer.close();
    assert.equal(again.credits.at(-1), 103 + much.byteLength);
    all.watching.close();
  });

  it("that comes while the stream is opened without pace has it opened with", async () => {
    const all = scene();
    const first = all.begin();
    const paced = all.begin({ pace: true });
    await all.worker.streams[0]?.answer({ offset: 100 });
    const again = all.worker.streams[1] as Asked;
    assert.deepEqual([all.worker.streams[0]?.isClosed, again.request.pace], [true, true]);
    await again.answer({ offset: 100 });
    await Promise.all([first.begun, paced.begun]);
    all.watching.close();
  });
});

describe("a viewer that is sent away", () => {
  it("is told so and nothing more, and its stream is let go when it was the last", async () => {
    const all = scene();
    const attached = all.begin({ attach: true });
    const other = all.begin();
    const stream = all.worker.streams[0] as Asked;
    await stream.answer({ offset: 100 });
    await Promise.all([attached.begun, other.begun]);
    all.watching.detach("ses_2");
    all.watching.detach("ses_1");
    stream.events.output(100, Buffer.from("abc"));
    assert.deepEqual(attached.shown.frames, ["size 24 80", "detached"]);
    assert.deepEqual(other.shown.frames, ["size 24 80", "100 abc"]);
    assert.deepEqual([all.watching.places.total, stream.isClosed], [1, false]);
    (await other.begun).close();
    assert.deepEqual([all.watching.places.total, stream.isClosed], [0, true]);
  });

  it("while its stream or its picture is being fetched begins all the same, so that its socket can be told", async () => {
    for (const isOpen of [false, true]) {
      const all = scene();
      const { shown, begun } = all.begin({ attach: true, snapshot: true });
      const stream = all.worker.streams[0] as Asked;
      if (isOpen) await stream.answer({ offset: 100 });
      all.watching.detach("ses_1");
      if (!isOpen) await stream.answer({ offset: 100 });
      all.worker.snapshots[0]?.resolve({ offset: 100 });
      await begun;
      assert.deepEqual(shown.frames, ["detached"]);
      assert.deepEqual([all.watching.places.total, stream.isClosed], [0, true]);
    }
  });
});
