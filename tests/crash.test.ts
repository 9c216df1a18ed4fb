// kill -9 of the server at random moments, again and again, while its sessions print, are typed into, waited for and
// watched. Nothing of a session is in the server: whoever comes back finds all of it.
//
// FLEETTY_TEST_KILLS says how often (default 50), FLEETTY_TEST_SEED when; both are in the message of what fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@fleetty/client";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { fixture } from "./harness/programs.ts";
import { randomFrom } from "./harness/random.ts";
import { ResumingViewer } from "./harness/resuming-viewer.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

const KILLS = Number(process.env["FLEETTY_TEST_KILLS"] ?? 50);
const SEED = Number(process.env["FLEETTY_TEST_SEED"] ?? 1);
/** The next kill comes so long after the server is back at most: in the middle of whatever comes back to it. */
const LIVES_MAX_MS = 300;
/** Between two of those who post and ask: enough for some to be under way at any moment. */
const PAUSE_MS = 10;
/** So that no viewer misses a byte however long the server takes to come back: hosts keep what is printed meanwhile. */
const RING_BYTES = 64 * 1024 * 1024;
/** So many kills come as they come; before the next one the viewers must have come back since. */
const KILLS_UNSEEN = 5;
/** Whatever was under way at the last kill is done by then. */
const AFTERWARDS_MS = 60_000;

const about = (what: string) => `${what} (seed ${SEED}, ${KILLS} kills)`;

/** Something that goes on through all kills, until it is told to come to its end. */
interface Story {
  /** Resolves when its viewers have come back since it was called before. */
  comeBack?(): Promise<void>;
  /** Resolves when it has finished what it began; nothing new is begun from now on. */
  end(): Promise<void>;
  /** Looks at what has come of it, in the sessions and at the client. */
  check(): Promise<void>;
}

it("sessions, viewers, inputs and waits go on through kills of the server at random moments", async (test) => {
  await using server = await startServer({ args: ["--output-ring", String(RING_BYTES)] });
  using client = server.client();
  const random = randomFrom(SEED);
  const stories = await Promise.all([
    printing(server, client),
    typingAsClient(server, client),
    typingAsStranger(server),
    posting(server),
    answering(server, client),
  ]);
  const before = await list(server);
  for (let kills = 0; kills < KILLS; kills += 1) {
    if (kills % KILLS_UNSEEN === KILLS_UNSEEN - 1) await Promise.all(stories.map((story) => story.comeBack?.()));
    await delay(random() * LIVES_MAX_MS);
    await server.kill();
    await server.start();
    assert.deepEqual(await list(server), before, about(`a session was lost by kill ${kills + 1}`));
  }
  await Promise.all(stories.map((story) => story.end()));
  for (const story of stories) await story.check();
  test.diagnostic(about("done"));
});

/** Sessions as they must stay. */
async function list(server: TestServer) {
  const { json } = await server.ask({ path: "/sessions" });
  return json.map(({ id, name, pid, state }: Record<string, unknown>) => ({ id, name, pid, state }));
}

/** A session prints what can be told from its offset; a client and a stranger watch it from its first byte. */
async function printing(server: TestServer, client: Client): Promise<Story> {
  const session = await TestSession.start(server.socketPath, "prints", { argv: [fixture("print-steadily")] });
  const watch = client.sessions.watch({ session: "prints", from: 0 });
  const stranger = new ResumingViewer(server.socketPath, "prints", "stranger");
  const seen: Uint8Array[] = [];
  let [end, reconnections] = [0, 0];
  const comings = () => [reconnections, stranger.connections];
  let before = comings();
  const watching = (async () => {
    for await (const item of watch) {
      if (item.type === "reconnected") reconnections += 1;
      if (item.type === "output") {
        assert.equal(item.offset, end, about("a hole or a repetition at the client"));
        seen.push(item.bytes);
        end += item.bytes.byteLength;
      } else assert.ok(["size", "disconnected", "reconnected"].includes(item.type), about(JSON.stringify(item)));
    }
  })();
  return {
    async comeBack() {
      const isBack = () => comings().every((times, at) => times > (before[at] as number));
      await waitUntil("both viewers have come back", isBack, { deadlineMs: AFTERWARDS_MS, seen: comings });
      before = comings();
    },
    async end() {
      const printed = await session.end();
      await waitUntil("both viewers have what was printed", () => end >= printed && stranger.end >= printed, {
        deadlineMs: AFTERWARDS_MS,
        seen: () => ({ printed, client: end, stranger: stranger.end, about: about("") }),
      });
      watch.close();
      await Promise.all([watching, stranger.close()]);
    },
    async check() {
      const printed = Buffer.concat([Buffer.from("ready\n"), numberedLines(NUMBERS_FROM, Math.max(end, stranger.end))]);
      assert.ok(Buffer.concat(seen).equals(printed.subarray(0, end)), about("other bytes at the client"));
      assert.ok(stranger.bytes.equals(printed.subarray(0, stranger.end)), about("other bytes at the stranger"));
      assert.deepEqual(stranger.gaps, []);
      const kept = Math.max(0, end - RING_BYTES);
      assert.ok((await session.output(kept)).subarray(0, end - kept).equals(printed.subarray(kept, end)));
    },
  };
}

/** A session writes down what it reads. */
async function recorder(server: TestServer, name: string) {
  const file = join(server.home.root, name);
  await TestSession.start(server.socketPath, name, { argv: [fixture("record-input"), file], ready: "ready" });
  return { read: () => readFileSync(file, "utf8") };
}

/** Does `act` with 1, 2, 3 … until it is told to end; resolves with the last number, once that is done. */
function counting(act: (number: number) => Promise<void>): { end(): Promise<number> } {
  let isEnding = false;
  let number = 0;
  const running = (async () => {
    while (!isEnding) await act(++number);
  })();
  // What fails is said at the end, where somebody listens.
  running.catch(() => {});
  return {
    async end() {
      isEnding = true;
      await running;
      return number;
    },
  };
}

/** Inputs over a watch of the client: each one is acknowledged, whatever happens. Several are under way at once. */
async function typingAsClient(server: TestServer, client: Client): Promise<Story> {
  const recorded = await recorder(server, "client-types");
  const watch = client.sessions.watch({ session: "client-types" });
  const reading = (async () => {
    for await (const item of watch) assert.notEqual(item.type, "error", about(JSON.stringify(item)));
  })();
  const counted = counting(async (number) => {
    await Promise.all([watch.write(`a${number};`), watch.write(`b${number};`), delay(5)]);
  });
  let last = 0;
  return {
    async end() {
      last = await counted.end();
      watch.close();
      await reading;
    },
    async check() {
      const typed = Array.from({ length: last }, (_, at) => `a${at + 1};b${at + 1};`).join("");
      assert.equal(recorded.read(), typed, about("other inputs than were acknowledged"));
    },
  };
}

/** The same by hand, with the numbers and the name that the protocol's page speaks of. */
async function typingAsStranger(server: TestServer): Promise<Story> {
  const recorded = await recorder(server, "stranger-types");
  const stranger = new ResumingViewer(server.socketPath, "stranger-types", "typist");
  const acknowledged = () =>
    waitUntil("its inputs are acknowledged", () => stranger.pendingCount < 4, { deadlineMs: AFTERWARDS_MS });
  const counted = counting(async (number) => {
    stranger.type(`${number};`);
    await acknowledged();
  });
  let last = 0;
  return {
    async end() {
      last = await counted.end();
      await waitUntil("all are acknowledged", () => stranger.pendingCount === 0, { deadlineMs: AFTERWARDS_MS });
      await stranger.close();
    },
    async check() {
      const typed = Array.from({ length: last }, (_, at) => `${at + 1};`).join("");
      assert.equal(recorded.read(), typed, about("other inputs than were acknowledged"));
    },
  };
}

/** Inputs by request: what was answered is there once, what was not at most once, and all of it in order. */
async function posting(server: TestServer): Promise<Story> {
  const recorded = await recorder(server, "posts");
  const answered = new Set<number>();
  const counted = counting(async (number) => {
    const answer = await server.ask({ path: "/sessions/posts/input", body: `${number};` }).catch(() => null);
    if (answer?.status === 200) answered.add(number);
    await delay(PAUSE_MS);
  });
  return {
    async end() {
      await counted.end();
    },
    async check() {
      const there = recorded.read().split(";").slice(0, -1).map(Number);
      const inOrder = there.every((number, at) => at === 0 || number > (there[at - 1] as number));
      assert.ok(inOrder, about("an input came twice or out of order"));
      const missing = [...answered].filter((number) => !there.includes(number));
      assert.deepEqual(missing, [], about("inputs were acknowledged and are not there"));
    },
  };
}

/** Types a line and waits for its answer from the position that typing told, as often as it takes to be answered. */
async function answering(server: TestServer, client: Client): Promise<Story> {
  const argv = [fixture("answer-lines")];
  const session = await TestSession.start(server.socketPath, "answers", { argv, ready: "ready" });
  const watch = client.sessions.watch({ session: "answers", from: 0 });
  const reading = (async () => {
    for await (const _ of watch);
  })();
  const counted = counting(async (number) => {
    const since = await watch.write(`line ${number}\n`);
    const until = { pattern: { regex: `^got line ${number}$`, on: "output" } };
    const body = { since, until, max_wait_ms: 20_000 };
    const answer = await waitUntil(
      "a wait is answered",
      async () => {
        const now = await session.ask("/wait", { body }).catch(() => null);
        return now?.status === 200 ? now.json : null;
      },
      { deadlineMs: AFTERWARDS_MS },
    );
    assert.equal(answer.reason, "pattern", about(`line ${number} was missed from ${JSON.stringify(since)}`));
    assert.equal(answer.gap, undefined);
    await delay(PAUSE_MS);
  });
  return {
    async end() {
      await counted.end();
      watch.close();
      await reading;
    },
    async check() {},
  };
}
