// What a slow viewer costs, and whom: bounded memory and nobody else anything. It is told what it missed once it listens
// again, or with pace has the program wait for it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { InspectedHost } from "./harness/inspected-host.ts";
import { Inspector } from "./harness/inspector.ts";
import { NUMBERS_FROM } from "./harness/numbered-lines.ts";
import { PlainViewer, RESET } from "./harness/plain-viewer.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession, type TestSessionOptions } from "./harness/session.ts";
import { pictureOf, ViewerTerminal } from "./harness/terminal.ts";
import { RawViewer, type ViewerQuery } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { assertAccounted, assertSameScreen, draw } from "./harness/watched.ts";

/** Recent output that a session keeps. */
const RING_BYTES = 1024 * 1024;
/** Output under way beyond a viewer's last credit. */
const WINDOW_BYTES = 256 * 1024;
/** More than the rings of session and server and every socket between hold. */
const MUCH_BYTES = 6_000_000;
const FLOOD_BYTES = 40_000_000;
/** A slow machine prints them in this time. */
const FLOOD_WITHIN_MS = 120_000;
/** How far a paced viewer may be behind. */
const PACE_BYTES = 512 * 1024;

let server: TestServer;
let started = 0;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

function begin(options: TestSessionOptions): Promise<TestSession> {
  started += 1;
  return TestSession.start(server.socketPath, `slowly-${started}`, options);
}

const beginPrinting = (bytes: number) => begin({ argv: [fixture("print-when-told"), String(bytes)], ready: "ready" });

/** Prints numbered lines when told, and then draws when told. */
function beginPrintingAndDrawing(bytes: number): Promise<TestSession> {
  const line = `'${fixture("print-when-told")}' ${bytes}; exec '${fixture("draw")}' 7`;
  return begin({ argv: ["sh", "-c", line], ready: "ready" });
}

function view(session: TestSession, query?: ViewerQuery): Promise<RawViewer> {
  return RawViewer.open(server.socketPath, session.name, query);
}

function stall(session: TestSession, query?: ViewerQuery): Promise<RawViewer> {
  return RawViewer.stalled(server.socketPath, session.name, query);
}

describe("a viewer that credits nothing", () => {
  it("is sent what the window lets through, and told its gap once when it listens again", async () => {
    const session = await beginPrintingAndDrawing(MUCH_BYTES);
    const viewer = await stall(session);
    await session.type("\n");
    await session.printed(NUMBERS_FROM + MUCH_BYTES);
    await viewer.until("its window is full", (seen) => seen.end >= NUMBERS_FROM + WINDOW_BYTES);
    await viewer.handled();
    assert.deepEqual([viewer.first, viewer.end, viewer.gaps], [NUMBERS_FROM, NUMBERS_FROM + WINDOW_BYTES, []]);
    await session.type("\n");
    await session.printed(NUMBERS_FROM + MUCH_BYTES + NUMBERS_FROM);
    const stalledAt = viewer.end;
    viewer.goOn();
    const end = await draw(session, { from: 0, to: 3 });
    await viewer.until("everything has come", (seen) => seen.end === end);
    const [picture, ...more] = viewer.snapshots;
    assert.deepEqual([viewer.gaps, more.length], [[{ from: stalledAt, to: picture?.offset }], 0]);
    await assertSameScreen(viewer, session);
    viewer.close();
  });

  it("is told its gap, the last screen and the exit when the session ended meanwhile", async () => {
    const session = await beginPrinting(MUCH_BYTES);
    const viewer = await stall(session);
    await session.type("\n\n");
    await waitUntil("it has ended", async () => (await session.info()).state === "exited");
    await viewer.handled();
    const stalledAt = viewer.end;
    viewer.goOn();
    await viewer.until("it is closed", ({ closed }) => closed !== null);
    const offset = NUMBERS_FROM + MUCH_BYTES;
    assert.deepEqual(viewer.gaps, [{ from: stalledAt, to: offset }]);
    assert.deepEqual(viewer.texts.at(-1), { type: "exit", ch: 0, exit: { code: 0 }, offset });
    assert.deepEqual(viewer.closed, { code: 1000, reason: "session ended" });
    await assertSameScreen(viewer, session);
  });

  it("costs neither server nor session host what was printed, and holds up nobody", async () => {
    await using own = await startServer({ env: { NODE_OPTIONS: "--inspect=127.0.0.1:0" } });
    using host = await InspectedHost.start(own, { ringBytes: RING_BYTES });
    using hub = await Inspector.of(() => own.log.slice(own.log.lastIndexOf("Debugger listening")));
    const argv = [fixture("print-when-told"), String(FLOOD_BYTES)];
    const session = await TestSession.start(own.socketPath, "flooding", { argv, ready: "ready" });
    const stalled = await Promise.all(
      Array.from({ length: 10 }, () => RawViewer.stalled(own.socketPath, session.name, { from: 0 })),
    );
    const deaf = await PlainViewer.open(own.socketPath, session.name);
    deaf.socket.pause();
    const lively = await RawViewer.open(own.socketPath, session.name);
    const before = [await hub.heldBytes(), await host.heldBytes()] as const;
    await session.type("\n");
    const end = NUMBERS_FROM + FLOOD_BYTES;
    const seen = () => lively.end;
    await waitUntil("the end has come", () => lively.end === end, { deadlineMs: FLOOD_WITHIN_MS, seen });
    const grown = [(await hub.heldBytes()) - before[0], (await host.heldBytes()) - before[1]] as const;
    // A ring and what sockets hold; a ring and a screen with its scrollback. One queue would be as long as what was printed.
    const isBounded = grown[0] < 8_000_000 && grown[1] < 24_000_000;
    assert.ok(isBounded, `server and host hold ${grown} bytes more`);
    for (const viewer of stalled) {
      await viewer.until("its window is full", ({ end }) => end >= WINDOW_BYTES);
      assert.deepEqual([viewer.gaps, viewer.end], [[], WINDOW_BYTES]);
    }
    for (const viewer of [...stalled, deaf, lively]) viewer.socket.terminate();
  });
});

describe("a plain viewer that stalls", () => {
  it("is shown one frame that redraws the screen, and goes on from there", async () => {
    const session = await beginPrintingAndDrawing(MUCH_BYTES);
    const viewer = await PlainViewer.open(server.socketPath, session.name);
    viewer.socket.pause();
    await session.type("\n");
    await session.printed(NUMBERS_FROM + MUCH_BYTES);
    await session.type("\n");
    await session.printed(NUMBERS_FROM + MUCH_BYTES + NUMBERS_FROM);
    viewer.socket.resume();
    await viewer.until("it is redrawn", ({ frames }) => frames.some((frame) => frame.toString().startsWith(RESET)));
    await draw(session, { from: 0, to: 3 });
    await viewer.until("everything has come", ({ bytes }) => bytes.toString().endsWith("\x1b]2;done 3\x07"));
    assert.equal(viewer.frames.filter((frame) => frame.toString().startsWith(RESET)).length, 1);
    assert.ok(viewer.bytes.byteLength < MUCH_BYTES, "something was left out");
    const terminal = new ViewerTerminal({ rows: 24, cols: 80 });
    for (const frame of viewer.frames) await terminal.feed(frame);
    assert.deepEqual(terminal.picture(), pictureOf(await session.screen()));
    viewer.close();
  });
});

describe("a paced viewer", () => {
  it("loses nothing of 20 MB however slow it is: the program waits for it", async () => {
    const bytes = 20_000_000;
    const session = await beginPrinting(bytes);
    const end = NUMBERS_FROM + bytes;
    const viewer = await stall(session, { pace: true });
    const other = await view(session);
    await session.type("\n");
    let furthest = 0;
    for (let taken = NUMBERS_FROM; taken < end; taken = viewer.end) {
      await viewer.until("more has come", (seen) => seen.end > taken);
      // The session is asked while the viewer takes nothing: it could run ahead.
      furthest = Math.max(furthest, (await session.end()) - viewer.end);
      viewer.say({ type: "credit", ch: 0, upto: viewer.end });
    }
    assert.ok(furthest < PACE_BYTES + WINDOW_BYTES, `the program was ${furthest} bytes ahead`);
    assert.deepEqual([viewer.gaps, viewer.snapshots], [[], []]);
    assertAccounted(viewer, NUMBERS_FROM, end);
    await other.until("everything has come", (seen) => seen.end === end);
    for (const one of [viewer, other]) one.close();
  });

  it("that takes nothing for 2 s holds the program back no longer, and is told its gap; another loses nothing by it", async () => {
    const session = await beginPrinting(MUCH_BYTES);
    const end = NUMBERS_FROM + MUCH_BYTES;
    const stalled = await stall(session, { pace: true });
    const lively = await view(session, { pace: true });
    await session.type("\n");
    await stalled.until("its window is full", (seen) => seen.end === NUMBERS_FROM + WINDOW_BYTES);
    await stalled.handled();
    assert.ok((await session.end()) < end, "the program waits");
    await lively.until("everything has come", (seen) => seen.end === end);
    assertAccounted(lively, NUMBERS_FROM, end);
    assert.deepEqual(lively.gaps, []);
    const stalledAt = stalled.end;
    stalled.goOn();
    await stalled.until("everything has come", (seen) => seen.end === end);
    assert.deepEqual(stalled.gaps, [{ from: stalledAt, to: end }]);
    await assertSameScreen(stalled, session);
    for (const one of [stalled, lively]) one.close();
  });

  it("that leaves holds nothing back any more", async () => {
    const session = await beginPrinting(MUCH_BYTES);
    const stalled = await stall(session, { pace: true });
    const lively = await view(session);
    await session.type("\n");
    await stalled.until("its window is full", (seen) => seen.end === NUMBERS_FROM + WINDOW_BYTES);
    stalled.socket.terminate();
    await lively.until("everything has come", (seen) => seen.end === NUMBERS_FROM + MUCH_BYTES);
    lively.close();
  });
});

describe("a flooding session", () => {
  it("leaves another one responsive: each keystroke there comes back", async () => {
    const flood = await begin({ argv: ["yes"] });
    const watchers = [await view(flood), await view(flood, { pace: true }), await stall(flood)];
    const quiet = await begin({ argv: ["cat"] });
    const viewer = await view(quiet);
    for (let number = 1; number <= 50; number += 1) {
      viewer.type(number, `${number},`);
      await viewer.until("the keystrokes are echoed", ({ text }) => text.endsWith(`${number},`));
    }
    const numbers = Array.from({ length: 50 }, (_, at) => `${at + 1},`).join("");
    assert.deepEqual([viewer.text, viewer.written()], [numbers, 50]);
    for (const one of [...watchers, viewer]) one.close();
    await flood.kill();
  });
});
