// kill -9 and SIGSTOP of the server at the moments that matter: between a request and its answer, while programs end, and
// with many sessions. What is said afterwards is what is.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { kill, naming } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { randomFrom } from "./harness/random.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SEED = Number(process.env["FLEETTY_TEST_SEED"] ?? 1);
const RING_BYTES = 1024 * 1024;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly state: string;
  readonly offset: number;
}

async function list(server: TestServer): Promise<Listed[]> {
  return (await server.ask({ path: "/sessions" })).json;
}

/** Asks for something whose answer may never come. */
function askInVain(server: TestServer, path: string, more: { method?: string; body?: unknown }): Promise<void> {
  return server.ask({ path, ...more }).then(
    () => {},
    () => {},
  );
}

async function restart(server: TestServer): Promise<void> {
  await server.kill();
  await server.start();
}

describe("kill -9 of the server", () => {
  it("with 200 sessions loses none: the same ids, and each one's output goes on without a byte missing", async () => {
    await using server = await startServer();
    // It pauses without a process: 200 of them every second would take half of the machine.
    const argv = [
      "/bin/bash",
      "-c",
      'stty -opost; exec 9<> <(:); i=0; while i=$((i+1)); do echo "$i"; read -rt 1 -u 9; done',
    ];
    // As many tags as may be, so that what the host says of them all is longer than a frame.
    const tags = Array.from({ length: 64 }, (_, at) => `${"t".repeat(24)}-${at}`);
    const names = Array.from({ length: 200 }, (_, at) => `counts-${at}`);
    for (let at = 0; at < names.length; at += 8) {
      const made = names.slice(at, at + 8).map((name) => server.ask({ path: "/sessions", body: { name, argv, tags } }));
      for (const { status, body } of await Promise.all(made)) assert.equal(status, 201, body.toString());
    }
    const before = await list(server);
    assert.equal(before.length, 200);
    await restart(server);
    const after = await list(server);
    const same = ({ id, name, pid }: Listed) => ({ id, name, pid, state: "running" });
    assert.deepEqual(after.map(same), before.map(same));
    assert.ok(after.every(({ state }) => state === "running"));
    await waitUntil("all have gone on", async () => {
      const now = await list(server);
      return now.every(({ offset }, at) => offset > (after[at] as Listed).offset);
    });
    for (const { name } of after) {
      const { json } = await server.ask({ path: `/sessions/${name}/output` });
      const lines = json.text.trimEnd().split("\n");
      assert.deepEqual(
        lines.map(Number),
        lines.map((_: string, at: number) => at + 1),
        name,
      );
    }
  });

  it("while a session is made leaves it listed, or no process of it", async () => {
    await using server = await startServer();
    await TestSession.start(server.socketPath, "first", { argv: [fixture("say")], ready: "ready" });
    const [host] = server.hosts();
    assert.ok(host);
    const random = randomFrom(SEED);
    for (let round = 0; round < 6; round += 1) {
      const name = `made-${round}`;
      const marker = join(server.home.root, name);
      const isFrozen = round % 2 === 1;
      if (isFrozen) kill(host, "SIGSTOP");
      const argv = ["/bin/sh", "-c", `: ${marker}; while :; do sleep 1000; done`];
      const asked = askInVain(server, "/sessions", { body: { name, argv } });
      await delay(random() * (isFrozen ? 100 : 30));
      await server.kill();
      await asked;
      // The host may find what the dead server asked of it only when the next one is dialling.
      const starting = server.start();
      await delay(isFrozen ? random() * 1_500 : 0);
      kill(host, "SIGCONT");
      await starting;
      await waitUntil(
        "what is listed is what runs",
        async () => {
          const isListed = (await list(server)).some((session) => session.name === name);
          return isListed === naming(marker).length > 0;
        },
        { seen: async () => ({ round, SEED, listed: await list(server), running: naming(marker) }) },
      );
    }
  });

  it("while sessions are resized and ended leaves each as its host and its program have it", async () => {
    await using server = await startServer();
    const random = randomFrom(SEED);
    for (let round = 0; round < 4; round += 1) {
      const sized = await TestSession.start(server.socketPath, `sized-${round}`, {
        argv: [fixture("report-size")],
        ready: "24 80",
      });
      const ended = await TestSession.start(server.socketPath, `ended-${round}`, {
        argv: [fixture("ignore-sigterm")],
        ready: "ready",
      });
      const { id, pid } = await ended.info();
      const asked = [
        askInVain(server, `/sessions/sized-${round}/resize`, { body: { rows: 30, cols: 100 } }),
        askInVain(server, `/sessions/ended-${round}?grace_ms=50`, { method: "DELETE" }),
      ];
      await delay(random() * 40);
      await server.kill();
      await Promise.all(asked);
      await server.start();
      const { rows, cols } = await sized.info();
      assert.ok(["24 80", "30 100"].includes(`${rows} ${cols}`), `${rows} ${cols}`);
      await sized.shows(`^${rows} ${cols}$`);
      await waitUntil(
        "its state is that of its processes",
        async () => {
          const { state, end_reason } = (await server.ask({ path: `/sessions/${id}` })).json;
          const isThere = existsSync(`/proc/${pid}`);
          return isThere ? state === "running" : state === "exited" && end_reason === "killed";
        },
        { seen: async () => ({ round, SEED, info: (await server.ask({ path: `/sessions/${id}` })).json }) },
      );
    }
  });

  it("hides no exit that happens meanwhile: code or signal, last output and screen are told by the next one", async () => {
    await using server = await startServer();
    const go = join(server.home.root, "go");
    const begin = (name: string, last: string) =>
      TestSession.start(server.socketPath, name, {
        argv: [fixture("become-when-there"), go, "/bin/sh", "-c", last],
        ready: "ready",
      });
    const coded = await begin("coded", "echo the last words; exit 7");
    const signalled = await begin("signalled", "kill -USR1 $$");
    const ids = [(await coded.info()).id, (await signalled.info()).id];
    await server.kill();
    writeFileSync(go, "");
    const hasEnded = (id: string) => existsSync(join(server.stateDir, "sessions", id, "exit.json"));
    await waitUntil("both have ended", () => ids.every(hasEnded));
    await server.start();
    const [first, second] = [await coded.info(), await signalled.info()];
    assert.deepEqual([first.id, first.state, first.exit, first.end_reason], [ids[0], "exited", { code: 7 }, "exited"]);
    assert.deepEqual([second.id, second.exit], [ids[1], { signal: "SIGUSR1" }]);
    assert.equal((await coded.output(0)).toString(), "ready\nthe last words\n");
    const screen = (await coded.ask("/screen?format=plain")).json;
    assert.equal(screen.lines[1].trim(), "the last words");
    const waited = await coded.ask("/wait", { body: { since: { generation: 0, offset: 0 } } });
    assert.deepEqual([waited.json.reason, waited.json.exit_code, waited.json.confidence], ["exit", 7, "exact"]);
    await restart(server);
    assert.deepEqual((await coded.info()).exit, { code: 7 }, "it was told once and is kept");
  });
});

describe("a crash between an outcome's two records", () => {
  it("leaves no session that runs for ever: one that no host holds has ended as its files tell", async () => {
    await using server = await startServer();
    await TestSession.start(server.socketPath, "lives", { argv: [fixture("say")], ready: "ready" });
    const argv = ["/bin/sh", "-c", "exit 7"];
    const ended = await TestSession.start(server.socketPath, "ended", { argv });
    await ended.ask("/wait", { body: {} });
    const { id } = await ended.info();
    await server.kill();
    recordAsRunning(join(server.stateDir, "worker.db"), id);
    await server.start();
    await waitUntil("its end is known", async () => (await ended.info()).state === "exited");
    assert.deepEqual((await ended.info()).exit, { code: 7 });
    assert.deepEqual(
      (await list(server)).map(({ name }) => name),
      ["lives"],
    );
  });
});

/** As the index is when its newest write did not come to the disk. */
function recordAsRunning(path: string, id: string): void {
  using database = new DatabaseSync(path);
  const { row } = database.prepare("SELECT row FROM sessions WHERE id = ?").get(id) as { row: string };
  const record = JSON.parse(row);
  const before = { ...record, state: "live", info: { ...record.info, state: "running", exit: null, exited_at: null } };
  database.prepare("UPDATE sessions SET row = ?, state = 'live' WHERE id = ?").run(JSON.stringify(before), id);
}

describe("a program that prints 5 MB and exits at once", () => {
  it("loses nothing of the newest 1 MiB, though the server is frozen and a viewer takes nothing", async () => {
    await using server = await startServer();
    const go = join(server.home.root, "go");
    const bytes = 5_000_000;
    const argv = [fixture("become-when-there"), go, fixture("print-and-exit"), String(bytes), "3"];
    const session = await TestSession.start(server.socketPath, "large", { argv, ready: "ready" });
    const viewer = await RawViewer.open(server.socketPath, "large", { pace: true });
    viewer.credits = false;
    const { id } = await session.info();
    server.freeze();
    writeFileSync(go, "");
    await waitUntil("it has ended", () => existsSync(join(server.stateDir, "sessions", id, "exit.json")), {
      deadlineMs: 60_000,
    });
    server.thaw();
    await waitUntil("its end is known", async () => (await session.info()).state === "exited");
    const { exit, offset } = await session.info();
    assert.deepEqual([exit, offset], [{ code: 3 }, NUMBERS_FROM + bytes]);
    const kept = await session.output(offset - RING_BYTES);
    assert.ok(kept.equals(numberedLines(offset - RING_BYTES, offset)), "its newest 1 MiB");
    viewer.close();
  });
});
