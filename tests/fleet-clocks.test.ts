// Wall clocks that are set by a day, forth and back, on a hub and on its member: whatever waits, waits for as long as it said;
// nothing is lost, nobody is given up, and what was told keeps its order.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FleetEvent } from "@fleetty/client";
import { EventReader } from "./harness/event-reader.ts";
import { TestFleet } from "./harness/fleet.ts";
import type { Answer } from "./harness/http.ts";
import { LinkPeer } from "./harness/link-peer.ts";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { placeHost } from "./harness/placed-host.ts";
import { fixture } from "./harness/programs.ts";
import { ResumingViewer } from "./harness/resuming-viewer.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { Typist } from "./harness/typist.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { skip, WallClock } from "./harness/wall-clock.ts";

const DAY_MS = 86_400_000;
/** Forth, back beyond where it was, and right again. */
const SETTINGS = [DAY_MS, -DAY_MS, 0];
/** How long somebody waits in vain, while links are looked at for silence. */
const WAIT_MS = 1_500;
/** Silence after which that hub gives its member up. */
const GIVEN_UP_MS = 6_000;
/** Clocks of these tests are right or wrong by a day. */
const SLACK_MS = DAY_MS / 4;
const HOST = resolve(import.meta.dirname, "../packages/worker/src/session-host/main.ts");

const isAbout = (text: string, atMs: number) => Math.abs(Date.parse(text) - atMs) < SLACK_MS;
const asJson = { accept: "application/json" };

describe("a hub and a member whose clocks are set", { skip }, () => {
  const stack = new AsyncDisposableStack();
  let clocks: Readonly<Record<"hub" | "member", WallClock>>;
  let hub: TestServer;
  let member: TestServer;
  let fleet: TestFleet;

  /** A server of that clock. */
  async function started(clock: WallClock, hostname: string, more: readonly string[] = []): Promise<TestServer> {
    const home = clock.home();
    stack.defer(() => home.remove());
    return stack.use(await startServer({ home, tcp: true, args: ["--hostname", hostname, ...more] }));
  }

  before(async () => {
    clocks = { hub: stack.use(await WallClock.start()), member: stack.use(await WallClock.start()) };
    member = await started(clocks.member, "web-1");
    await placeHost(member, { node: [HOST] });
    hub = await started(clocks.hub, "hub-1", ["--member-silence-ms", `${GIVEN_UP_MS}`]);
    fleet = new TestFleet(hub, new Map([["web-1", member]]), stack);
    await fleet.add("web-1");
  });
  after(() => stack.disposeAsync());

  /** Sets a clock; resolves when its server tells the new time. */
  async function set(who: "hub" | "member", aheadMs: number): Promise<void> {
    const server = who === "hub" ? hub : member;
    clocks[who].set(aheadMs);
    const told = async () => String((await server.ask({ path: "/health" })).headers.date);
    await waitUntil(`${who} has another time`, async () => isAbout(await told(), clocks[who].nowMs), { seen: told });
  }

  /** Waits in vain: asks for what never happens, and tells how long that took. */
  async function waitedInVain(session: string): Promise<{ readonly ms: number; readonly answer: Answer }> {
    const startedAtMs = performance.now();
    const body = {
      until: { pattern: { regex: "^never$", on: "screen" }, idle: { timeout_ms: DAY_MS } },
      max_wait_ms: WAIT_MS,
    };
    const answer = await hub.ask({ path: `/sessions/${session}/wait`, body });
    return { ms: performance.now() - startedAtMs, answer };
  }

  /** A session that begins and ends, as it is told, at the member's time. */
  async function comesAndGoes(reader: EventReader, name: string): Promise<void> {
    const argv = ["/bin/sh", "-c", "exit 3"];
    assert.equal((await hub.ask({ path: "/sessions", body: { name, argv, server: "web-1" } })).status, 201);
    const ended = await reader.sees(
      `${name} has ended`,
      ({ type, session }) => type === "session.exited" && session === name,
    );
    assert.deepEqual(reader.typesOf(name), ["session.created", "session.exited"]);
    assert.ok(isAbout(ended.at, clocks.hub.nowMs), `${ended.at} is not the hub's time`);
    const { json } = await hub.ask({ path: `/sessions/${ended.id}` });
    for (const at of [json.created_at, json.exited_at])
      assert.ok(isAbout(at, clocks.member.nowMs), `${at} is not the member's`);
  }

  it("lose nothing, give nobody up and wait as long as they said", async () => {
    await using reader = new EventReader(hub.client(), { cursor: "oldest" });
    await using typist = await Typist.start(hub.socketPath, "typed", "web-1");
    const argv = [fixture("print-steadily"), "2048"];
    const printing = await TestSession.start(hub.socketPath, "prints", { argv, server: "web-1" });
    const viewer = new ResumingViewer(hub.socketPath, "prints", "reader");
    stack.defer(() => viewer.close());
    const { since } = await fleet.server("web-1");
    const select = { sessions: ["typed"] };
    const waited = (body: object) => hub.ask({ path: "/wait", body: { max_wait_ms: 0, ...body } });
    let { cursor } = (await waited({ select, until: { pattern: { regex: "^never$", on: "screen" } } })).json;

    for (const who of ["hub", "member"] as const) {
      for (const aheadMs of SETTINGS) {
        const waiting = waitedInVain("typed");
        const seen = viewer.end;
        await set(who, aheadMs);
        await typist.goesOn();
        await waitUntil("output goes on", () => viewer.end > seen + 4_096, { seen: () => viewer.end });
        await comesAndGoes(reader, `at-${who}-${aheadMs}`);
        const { ms, answer } = await waiting;
        assert.deepEqual([answer.status, answer.json.reason], [200, "timeout"], answer.body.toString());
        assert.ok(ms >= WAIT_MS, `a wait for ${WAIT_MS} ms was over after ${ms}`);
        const again = await waited({ cursor });
        assert.equal(again.status, 200, `the cursor of a wait is good no more: ${again.body}`);
        cursor = again.json.cursor;
      }
    }

    await typist.stop();
    await viewer.close();
    assert.deepEqual(viewer.gaps, []);
    assert.ok(
      viewer.bytes.subarray(NUMBERS_FROM).equals(numberedLines(NUMBERS_FROM, viewer.end)),
      "a hole or a repetition",
    );
    assert.equal(viewer.connections, 1);
    await printing.kill();
    const { since: sinceThen, link_log: linkLog } = await fleet.server("web-1");
    assert.equal(sinceThen, since, JSON.stringify(linkLog));
    assertInOrder(reader.events);
  });

  it("find each other again after a loss, at once and not in a day", async () => {
    const { port } = await member.tcp();
    for (const aheadMs of SETTINGS) {
      await member.kill();
      await fleet.becomes("web-1", "unavailable");
      await set("hub", aheadMs);
      await member.start(["--bind", `127.0.0.1:${port}`]);
      await fleet.becomes("web-1", "healthy");
    }
  });

  it("miss a member in time that falls silent while the clock is set", async () => {
    member.freeze();
    await set("hub", -DAY_MS);
    await fleet.becomes("web-1", "unavailable", "silent");
    member.thaw();
    await fleet.becomes("web-1", "healthy");
    await set("hub", 0);
  });

  it("let nobody in by what has expired, and keep out nobody who has waited", async () => {
    const { port } = await hub.tcp();
    const makeCode = async () => (await hub.ask({ path: "/servers/join-codes", body: {} })).json.code as string;
    using early = new LinkPeer(port, { hostname: "early", code: await makeCode() });
    await set("hub", DAY_MS);
    assert.deepEqual(await early.dial(), { kind: "closed", code: 4001 });
    await set("hub", -DAY_MS);
    using late = new LinkPeer(port, { hostname: "late", code: await makeCode() });
    assert.deepEqual(await late.dial(), { kind: "linked" });
    await fleet.becomes("late", "healthy");

    await set("hub", 0);
    const wrong = () => hub.askTcp({ path: "/servers" }, "wrong");
    await waitUntil("the address is told to wait", async () => (await wrong()).status === 429);
    await set("hub", -DAY_MS);
    const { status, headers } = await wrong();
    assert.equal(status, 429);
    assert.ok(Number(headers["retry-after"]) <= 60, `it is to wait for ${headers["retry-after"]} s`);
    await set("hub", 0);
  });

  it("say what was not read and is not kept", async () => {
    const events = async (cursor: string) =>
      (await hub.ask({ path: `/events?cursor=${cursor}&limit=1000&max_wait_ms=0`, headers: asJson })).json;
    const { cursor } = (await hub.ask({ path: "/events?max_wait_ms=0", headers: asJson })).json;
    for (const name of ["unread-1", "unread-2"])
      assert.equal(
        (await hub.ask({ path: "/sessions", body: { name, argv: ["/bin/cat"], server: "web-1" } })).status,
        201,
      );
    await waitUntil("they are told", async () => (await events(cursor)).events.length >= 2);
    await set("hub", DAY_MS + 60_000);
    await hub.stop();
    await hub.start();
    const { events: kept, gaps } = await events(cursor);
    const reasons = gaps.map(({ data }: FleetEvent) => data["reason"]);
    assert.ok(reasons.includes("cursor_expired"), JSON.stringify({ kept, gaps }));
    const created = kept.filter(({ type }: FleetEvent) => type === "session.created");
    assert.deepEqual(created, []);
    await fleet.becomes("web-1", "healthy");
    await set("hub", 0);
    assert.equal((await hub.ask({ path: "/sessions/unread-1" })).status, 200);
  });
});

/** Their cursors are, whatever their times say. */
function assertInOrder(events: readonly FleetEvent[]): void {
  const numbers = events.map(({ cursor }) => Number.parseInt(cursor.split("_")[2] ?? "", 36));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(numbers).size, numbers.length);
}
