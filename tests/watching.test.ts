// What a viewer of a session is shown, over real sockets: a picture and then every byte from exactly there, whenever it
// joins, wherever it begins; and what it may do to the session and what not.
import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { after, before, describe, it } from "node:test";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { PlainViewer } from "./harness/plain-viewer.ts";
import { fixture } from "./harness/programs.ts";
import { randomFrom } from "./harness/random.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession, type TestSessionOptions } from "./harness/session.ts";
import { RawViewer, type ViewerQuery } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { assertSameScreen, draw } from "./harness/watched.ts";

let server: TestServer;
let started = 0;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

function begin(options: TestSessionOptions): Promise<TestSession> {
  started += 1;
  return TestSession.start(server.socketPath, `watched-${started}`, options);
}

const beginDrawing = (seed: number) => begin({ argv: [fixture("draw"), String(seed)], ready: "ready" });
const beginPrinting = (bytes: number) => begin({ argv: [fixture("print-when-told"), String(bytes)], ready: "ready" });
/** Prints each line that is typed, as a format of printf. */
const beginSaying = () => begin({ argv: [fixture("say")], ready: "ready" });

function view(session: TestSession, query?: ViewerQuery): Promise<RawViewer> {
  return RawViewer.open(server.socketPath, session.name, query);
}

function viewPlainly(session: TestSession, query?: ViewerQuery): Promise<PlainViewer> {
  return PlainViewer.open(server.socketPath, session.name, query);
}

describe("a viewer", () => {
  it("is given the size, a picture, and then every byte from exactly there", async () => {
    const session = await beginDrawing(1);
    await draw(session, { from: 0, to: 5 });
    const viewer = await view(session, { snapshot: true });
    const end = await draw(session, { from: 5, to: 10 });
    await viewer.until("everything has come", (seen) => seen.end === end);
    assert.deepEqual(viewer.texts[0], { type: "size", ch: 0, rows: 24, cols: 80 });
    const [picture, ...more] = viewer.snapshots;
    assert.deepEqual([picture?.behind, more.length, viewer.gaps], [0, 0, []]);
    assert.equal(viewer.pieces[0]?.offset, picture?.offset);
    assert.ok(viewer.bytes.equals(await session.output(picture?.offset ?? -1)));
    await assertSameScreen(viewer, session);
    viewer.close();
  });

  it("that joins at any moment of running output misses nothing, sees nothing twice, and shows the same screen", async () => {
    const session = await beginDrawing(20);
    const random = randomFrom(20);
    const first = await view(session, { snapshot: true });
    const joining = Array.from({ length: 20 }, async () => {
      const moment = Math.floor(random() * 20_000);
      await first.until(`${moment} bytes are there`, ({ end }) => end >= moment);
      return view(session, { snapshot: true });
    });
    const end = await draw(session, { from: 0, to: 60 });
    assert.ok(end > 20_000);
    for (const viewer of [first, ...(await Promise.all(joining))]) {
      await viewer.until("everything has come", (seen) => seen.end === end);
      assert.deepEqual([viewer.gaps, viewer.snapshots.length, viewer.snapshots[0]?.behind], [[], 1, 0]);
      assert.ok(viewer.bytes.equals(await session.output(viewer.first ?? -1)));
      await assertSameScreen(viewer, session);
      viewer.close();
    }
  });

  it("begins at the offset that it names: at the first byte, in the middle, at the end", async () => {
    const session = await beginPrinting(600_000);
    await session.type("\n");
    const end = NUMBERS_FROM + 600_000;
    await session.printed(end);
    const output = await session.output(0);
    for (const from of [0, 1, 123_457, end - 1, end]) {
      const viewer = await view(session, { from });
      await viewer.until("the end has come", (seen) => seen.end === end || from === end);
      await viewer.handled();
      assert.deepEqual([viewer.gaps, viewer.snapshots], [[], []]);
      assert.ok(viewer.bytes.equals(output.subarray(from)), `from ${from}`);
      viewer.close();
    }
  });

  it("may begin where the session says that it is, however much of that is still on its way to others", async () => {
    const session = await begin({ argv: [fixture("flood")] });
    const first = await view(session);
    for (let time = 0; time < 20; time += 1) {
      const from = await session.end();
      const viewer = await view(session, { from });
      await viewer.until("it is shown something", ({ pieces }) => pieces.length > 0);
      assert.ok(viewer.first === from || viewer.gaps[0]?.from === from, `${viewer.first} instead of ${from}`);
      viewer.close();
    }
    first.close();
    await session.kill();
  });

  it("gets every byte, as one of many", async () => {
    const session = await beginPrinting(900_000);
    const framed = await Promise.all(Array.from({ length: 30 }, () => view(session)));
    const plain = await Promise.all(Array.from({ length: 10 }, () => viewPlainly(session)));
    assert.equal((await session.info()).clients, 40);
    await session.type("\n");
    const expected = numberedLines(NUMBERS_FROM, NUMBERS_FROM + 900_000);
    for (const viewer of [...framed, ...plain]) {
      await waitUntil("everything has come", () => viewer.bytes.byteLength >= expected.byteLength);
      assert.ok(viewer.bytes.equals(expected));
      viewer.close();
    }
    await waitUntil("nobody watches", async () => (await session.info()).clients === 0);
  });

  it("that comes as another leaves misses nothing", async () => {
    const session = await beginSaying();
    let viewer = await view(session);
    for (let time = 0; time < 40; time += 1) {
      const [next] = await Promise.all([view(session, time % 2 === 0 ? {} : { snapshot: true }), viewer.close()]);
      await session.type(`<${time}>\n`);
      await next.until("it is shown what is printed", ({ text }) => text.endsWith(`<${time}>`));
      viewer = next;
    }
    viewer.close();
  });

  it("is told the exit behind the last byte, and nothing after it", async () => {
    const session = await beginPrinting(300_000);
    const [framed, plain] = [await view(session), await viewPlainly(session)];
    await session.type("\n\n");
    const offset = NUMBERS_FROM + 300_000;
    for (const viewer of [framed, plain]) {
      await waitUntil("it is closed", () => viewer.closed);
      assert.deepEqual(viewer.closed, { code: 1000, reason: "session ended" });
      assert.ok(viewer.bytes.equals(numberedLines(NUMBERS_FROM, offset)));
    }
    assert.equal(framed.end, offset);
    assert.deepEqual(framed.texts.at(-1), { type: "exit", ch: 0, exit: { code: 0 }, offset });
    const refusal = assertRefused(await RawViewer.refused(server.socketPath, session.name), "session_exited");
    assert.deepEqual(refusal.details["exit"], { code: 0 });
  });

  it("is refused an offset beyond the end, and leaves nothing behind", async () => {
    const session = await beginSaying();
    const from = (await session.end()) + 1;
    const refusal = assertRefused(await RawViewer.refused(server.socketPath, session.name, { from }), "invalid_query");
    assert.equal(refusal.details["field"], "from");
    assert.equal((await session.info()).clients, 0);
  });

  it("is given a picture of more than a mebibyte", async () => {
    const session = await begin({ argv: [fixture("paint"), "250", "1000"], rows: 250, cols: 1000, ready: "painted" });
    const viewer = await view(session, { snapshot: true });
    await viewer.until("the picture has come", ({ snapshots }) => snapshots.length > 0);
    assert.ok((viewer.snapshots[0]?.vt.length ?? 0) > 2 * 1024 * 1024);
    await assertSameScreen(viewer, session);
    viewer.close();
    await using client = server.client();
    for await (const item of client.sessions.watch({ session: session.name, snapshot: true })) {
      if (item.type === "size") continue;
      assert.deepEqual([item.type, "vt" in item && item.vt === viewer.snapshots[0]?.vt], ["snapshot", true]);
      break;
    }
  });
});

describe("a plain viewer", () => {
  it("is shown whole characters only, wherever it begins", async () => {
    const letters = "aé漢😀";
    const session = await begin({ argv: ["sh", "-c", `yes '${letters}' | head -n 40000; exec sleep 1000`] });
    const bytes = 40_000 * Buffer.byteLength(`${letters}\r\n`);
    await session.printed(bytes);
    const viewer = await viewPlainly(session, { from: 0 });
    await viewer.until("everything has come", (seen) => seen.bytes.byteLength === bytes);
    const broken = viewer.frames.filter((frame) => !isUtf8(frame));
    assert.deepEqual([broken.length, viewer.frames.length > 4], [0, true]);
    viewer.close();
  });

  it("types what it sends, also when it leaves at once, and whatever name it gives itself", async () => {
    const session = await beginSaying();
    const watcher = await view(session);
    for (const word of ["one", "two", "three"]) {
      const viewer = await viewPlainly(session, { client: "typist" });
      viewer.socket.send(Buffer.from(`<${word}`));
      viewer.socket.send(">\n");
      viewer.close();
      await watcher.until(`${word} was printed`, ({ text }) => text.endsWith(`<${word}>`));
    }
    watcher.close();
  });
});

describe("a viewer that types", () => {
  it("has each numbered input written once, whatever it sends again over whichever connection", async () => {
    const session = await beginSaying();
    const query = { client: "typist" };
    const first = await view(session, query);
    for (const number of [1, 2, 2, 1, 3]) first.type(number, `<${number}>\n`);
    await first.until("the third is written", (seen) => seen.written() === 3);
    first.close();
    const second = await view(session, query);
    for (const number of [2, 3, 4]) second.type(number, `<${number}>\n`);
    await second.until(
      "the fourth is written and printed",
      (seen) => seen.written() === 4 && seen.text.endsWith("<4>"),
    );
    assert.equal((await session.output(0)).toString(), "ready\r\n<1><2><3><4>");
    second.close();
  });

  it("is told when an input before this one is missing, and goes on with that one", async () => {
    const session = await beginSaying();
    const viewer = await view(session, { client: "typist" });
    viewer.type(2, "<2>\n");
    const error = await waitUntil("it is told", () => viewer.texts.find(({ type }) => type === "error"));
    assert.equal((error["error"] as { code: string }).code, "invalid_request");
    viewer.type(1, "<1>\n");
    viewer.type(2, "<2>\n");
    await viewer.until("both are written and printed", (seen) => seen.written() === 2 && seen.text.endsWith("<1><2>"));
    viewer.close();
  });

  it("though it said that it only looks is ignored, and goes on looking", async () => {
    const session = await beginSaying();
    const lookers = [await view(session, { readonly: true }), await viewPlainly(session, { readonly: true })] as const;
    const typist = await view(session);
    lookers[0].type(1, "<looker>\n");
    lookers[0].say({ type: "size", ch: 0, rows: 10, cols: 10 });
    lookers[1].socket.send("<looker>\n");
    for (const looker of lookers) await looker.handled();
    typist.type(1, "<typist>\n");
    for (const viewer of [...lookers, typist]) {
      await waitUntil("it is shown what the other has typed", () => viewer.bytes.toString() === "<typist>");
      viewer.close();
    }
    assert.deepEqual(
      lookers[0].texts.map(({ type, rows }) => [type, rows]),
      [["size", 24]],
    );
  });

  it("what is no frame is closed with 4010, nothing behind it is typed, and others do not notice", async () => {
    const session = await beginSaying();
    const other = await view(session);
    const broken: (string | Uint8Array)[] = [
      "no JSON",
      "{}",
      `{"type":"credit","ch":0,"upto":-1}`,
      new Uint8Array(15),
      Uint8Array.of(2, ...new Uint8Array(15)),
    ];
    for (const frame of broken) {
      const viewer = await view(session);
      viewer.socket.send(frame);
      viewer.type(1, "<typed>\n");
      await viewer.until("it is closed", ({ closed }) => closed !== null);
      assert.deepEqual(viewer.closed, { code: 4010, reason: "protocol error" });
    }
    const strange = await view(session);
    strange.say({ type: "of a later version", ch: 0 });
    strange.socket.send(Uint8Array.of(99, ...new Uint8Array(15)));
    strange.type(1, "<fine>\n");
    for (const viewer of [strange, other]) {
      await viewer.until("it is shown what was typed", ({ text }) => text === "<fine>");
      viewer.close();
    }
  });
});

describe("a session", () => {
  it("keeps its size whoever looks, and tells all of a new one", async () => {
    const session = await begin({ argv: [fixture("report-size")], rows: 20, cols: 70, ready: "20 70" });
    const viewers = [
      await view(session),
      await view(session, { snapshot: true }),
      await view(session, { readonly: true }),
    ];
    const [first] = viewers as [RawViewer];
    first.say({ type: "size", ch: 0, rows: 30, cols: 90 });
    await session.shows("30 90");
    await session.resize({ rows: 31, cols: 91 });
    await session.shows("31 91");
    for (const viewer of viewers) {
      await viewer.until("it is told", ({ texts }) => texts.at(-1)?.["rows"] === 31);
      const sizes = viewer.texts.map(({ type, rows, cols }) => [type, rows, cols]);
      assert.deepEqual(
        sizes,
        [20, 30, 31].map((rows) => ["size", rows, rows === 20 ? 70 : rows + 60]),
      );
      viewer.close();
    }
    await waitUntil("nobody watches", async () => (await session.info()).clients === 0);
    const { rows, cols } = await session.info();
    assert.deepEqual([rows, cols], [31, 91]);
  });

  it("answers what its program asks its terminal, once, however many watch", async () => {
    const session = await begin({ argv: [fixture("ask-terminal")], ready: "ready" });
    const viewers = [
      await view(session, { snapshot: true }),
      await view(session, { from: 0 }),
      await viewPlainly(session),
    ];
    await session.type("\n");
    for (const viewer of viewers) {
      await waitUntil("it was shown the questions", () => viewer.bytes.toString().endsWith("\x1b[6n"));
    }
    await session.screen();
    const late = await view(session, { snapshot: true });
    await session.type("\n");
    const answers = Buffer.from("\x1b[0n\x1b[?1;2c\x1b[3;4R").toString("hex");
    await late.until("the program has said what came", ({ text }) => text.endsWith("done"));
    assert.equal(late.text, `${answers} done`);
    for (const viewer of [...viewers, late]) viewer.close();
  });
});

describe("a server", () => {
  it("keeps its limits on viewers when many come at once", async () => {
    await using own = await startServer({ args: ["--max-session-viewers", "3"] });
    const session = await TestSession.start(own.socketPath, "popular", { argv: [fixture("say")], ready: "ready" });
    const coming = Array.from({ length: 10 }, () => new RawViewer(own.socketPath, session.name, { snapshot: true }));
    const isSettled = ({ snapshots, closed }: RawViewer) => snapshots.length > 0 || closed !== null;
    await waitUntil("all are let in or sent away", () => coming.every(isSettled));
    assert.equal(coming.filter(({ closed }) => closed === null).length, 3);
    const refusal = assertRefused(await RawViewer.refused(own.socketPath, session.name), "resource_limit_reached");
    assert.deepEqual(refusal.details, { limit: "viewers_per_session", max: 3 });
    for (const viewer of coming) viewer.close();
    await waitUntil("nobody watches", async () => (await session.info()).clients === 0);
    const again = await RawViewer.open(own.socketPath, session.name);
    again.close();
  });

  it("that stops tells its viewers, waits for none that does not listen, and loses them no byte", async () => {
    await using own = await startServer();
    const session = await TestSession.start(own.socketPath, "stays", { argv: [fixture("say")], ready: "ready" });
    const [framed, plain] = [
      await RawViewer.open(own.socketPath, session.name, { from: 0 }),
      await PlainViewer.open(own.socketPath, session.name),
    ];
    const deaf = await RawViewer.open(own.socketPath, session.name);
    deaf.socket.pause();
    await session.type("before\n");
    await framed.until("it is shown what was printed", ({ text }) => text.endsWith("before"));
    await own.stop();
    for (const viewer of [framed, plain]) {
      await waitUntil("it is closed", () => viewer.closed);
      assert.deepEqual(viewer.closed, { code: 1001, reason: "server shutting down" });
    }
    deaf.socket.terminate();
    await own.start();
    await session.type(" after\n");
    const again = await RawViewer.open(own.socketPath, session.name, { from: framed.end });
    await again.until("it goes on", ({ text }) => text === " after");
    again.close();
  });
});
