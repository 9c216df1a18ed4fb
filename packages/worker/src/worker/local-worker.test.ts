// The worker with real session hosts: what it finds when it starts, what a kill leaves, and what goes on when a host, or a
// file of one, is not as it should be.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { program } from "../pty/pty-harness.ts";
import { hostPaths, hostsDir, sessionPaths } from "../session-host/paths.ts";
import { call, TestWorker } from "./worker-harness.ts";

const idle = { argv: [program("read-nothing")] };

function hostOf(test: TestWorker) {
  const [record] = test.hosts;
  assert.ok(record, "a host runs");
  return { ...record, paths: hostPaths(test.stateDir, record.id, test.stateDir) };
}

async function endOf(test: TestWorker, session: string) {
  const waited = await test.worker.call("sessions.wait", { session, until: { exit: true } }, call);
  return (waited as OperationOutput<"sessions.wait">).exit;
}

describe("a session", () => {
  it("has the umask of its user, while its host's own files are closed to others", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ argv: ["/bin/sh", "-c", "umask; exit 0"] });
    await endOf(test, id);
    assert.equal(await test.text(id), "0027\n");
    const { paths } = hostOf(test);
    const modes = await test.start({
      argv: ["/bin/sh", "-c", 'stat -c "%a" "$@"', "sh", paths.hostJson, paths.socket, paths.log],
    });
    await endOf(test, modes.id);
    assert.equal(await test.text(modes.id), "600\n600\n600\n");
  });
});

describe("a session that has ended", () => {
  it("is repainted from its files as it was, for viewers that have not seen its end", async () => {
    await using test = await TestWorker.open();
    const over = Promise.withResolvers<void>();
    test.worker.events(({ type }) => type === "session.exited" && over.resolve());
    const { id } = await test.start({ argv: ["/bin/sh", "-c", "printf 'the \\033[1mend'"], cols: 40, rows: 5 });
    await over.promise;
    const repaint = await test.worker.call("sessions.snapshot", { session: id }, call);
    const { vt, ...where } = repaint as OperationOutput<"sessions.snapshot">;
    assert.deepEqual(where, { offset: 11, cols: 40, rows: 5, alternate: false });
    assert.match(vt, /the .*end/);
  });
});

describe("a session that is killed", () => {
  it("is found by no name afterwards, also when two kill it at once and after a restart", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ name: "build", ...idle });
    const kills = await Promise.allSettled(
      [1, 2].map(() => test.worker.call("sessions.kill", { session: "build" }, call)),
    );
    assert.ok(kills.some(({ status }) => status === "fulfilled"));
    const notFound = { code: "session_not_found" };
    const get = (session: string) => test.worker.call("sessions.get", { session }, call);
    await assert.rejects(get("build"), notFound);
    await test.reopen();
    await assert.rejects(get("build"), notFound);
    assert.equal(((await get(id)) as { end_reason: string }).end_reason, "killed");
  });

  it("is forgotten when it had ended by itself, however lately", async () => {
    await using test = await TestWorker.open();
    for (let round = 0; round < 5; round += 1) {
      const { id } = await test.start({ name: "brief", argv: [program("print-and-exit"), "10", "0"] });
      await endOf(test, id);
      await test.worker.call("sessions.kill", { session: "brief" }, call);
      await assert.rejects(test.worker.call("sessions.get", { session: "brief" }, call), { code: "session_not_found" });
    }
  });

  it("is hidden though the worker died before it heard of the end", async () => {
    await using test = await TestWorker.open();
    const goesSlowly = "trap ': > hung-up; exec sleep 1' HUP; : > ready; while :; do sleep 0.01; done";
    await test.start({ name: "build", argv: ["/bin/sh", "-c", goesSlowly], cwd: test.stateDir });
    await waitUntil("it is ready", () => existsSync(join(test.stateDir, "ready")));
    const killed = test.worker.call("sessions.kill", { session: "build", grace_ms: 20_000 }, call).catch(() => {});
    await waitUntil("it is being ended", () => existsSync(join(test.stateDir, "hung-up")));
    await test.reopen(() => killed);
    const found = () => test.worker.call("sessions.get", { session: "build" }, call).catch(({ code }) => code);
    await waitUntil("its name means nothing", async () => (await found()) === "session_not_found", { seen: found });
    const all = await test.worker.call("sessions.list", { include: ["exited"] }, call);
    assert.deepEqual(
      (all as { name: string; end_reason: string }[]).map((one) => [one.name, one.end_reason]),
      [["build", "killed"]],
    );
  });
});

describe("a session host that is told to go while it is asked for a session", () => {
  it("hands it to another", async () => {
    await using test = await TestWorker.open();
    await test.start(idle);
    const { pid, id } = hostOf(test);
    process.kill(pid, "SIGTERM");
    // Without a turn of our event loop, in which the worker would hear of it.
    while (!hostOf(test).retiring) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    await test.start(idle);
    const hosts = (await test.worker.call("worker.status", {}, call)) as OperationOutput<"worker.status">;
    const held = hosts.session_hosts.map((host) => [host.id === id, host.retiring, host.sessions]);
    assert.deepEqual(held.sort(), [
      [false, false, 1],
      [true, true, 1],
    ]);
  });
});

describe("a worker that starts", () => {
  it("starts though files of a lost session and of a host cannot be read, and says which", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start(idle);
    const host = hostOf(test);
    await test.reopen(async () => {
      process.kill(host.pid, "SIGKILL");
      writeFileSync(sessionPaths(test.stateDir, id).exit, "{");
      const broken = hostPaths(test.stateDir, "brokennn", test.stateDir);
      mkdirSync(broken.dir);
      writeFileSync(broken.hostJson, "{}");
    });
    const told = (text: string) => test.logged.some(({ msg }) => msg.includes(text));
    await waitUntil("it is judged", () => told("a file of a lost session"), { seen: () => test.logged });
    const info = (await test.worker.call("sessions.get", { session: id }, call)) as {
      exit: unknown;
      end_reason: string;
    };
    assert.deepEqual([info.exit, info.end_reason], [{ unknown: true }, "host_lost"]);
    assert.ok(told("what a session host says of itself"));
    await test.start(idle);
  });

  it("finds its hosts also when its own store was lost and it counts from the beginning", async () => {
    await using test = await TestWorker.open();
    await test.start({ name: "build", ...idle });
    await test.reopen();
    await test.reopen(() => {
      for (const name of readdirSync(test.stateDir))
        if (name.startsWith("worker.db")) rmSync(join(test.stateDir, name));
    });
    assert.deepEqual(
      (await test.list()).map(({ name, state }) => [name, state]),
      [["build", "running"]],
    );
  });

  it("keeps the folders of few hosts that died", async () => {
    await using test = await TestWorker.open();
    const ids = Array.from({ length: 9 }, (_, index) => `dead222${index + 2 > 9 ? "a" : index + 2}`);
    for (const [index, id] of ids.entries()) {
      const { dir, key } = hostPaths(test.stateDir, id, test.stateDir);
      mkdirSync(dir, { recursive: true });
      writeFileSync(key, "");
      utimesSync(dir, index, index);
    }
    await test.start(idle);
    process.kill(hostOf(test).pid, "SIGKILL");
    await waitUntil("older ones are gone", () => readdirSync(hostsDir(test.stateDir)).length <= 4, {
      seen: () => readdirSync(hostsDir(test.stateDir)),
    });
  });
});

describe("a host that does not answer", () => {
  it("does not keep new sessions from being made, nor fill the log, and is found again", async () => {
    await using test = await TestWorker.open();
    const stuck = await test.start(idle);
    const { paths } = hostOf(test);
    await test.reopen(() => renameSync(paths.key, `${paths.key}.aside`));
    const { id } = await test.start(idle);
    assert.equal(test.hosts.length, 2);
    const get = (session: string) => test.worker.call("sessions.get", { session }, call) as Promise<{ state: string }>;
    assert.equal((await get(id)).state, "running");
    assert.equal(test.logged.filter(({ msg }) => msg.includes("cannot be used")).length, 1);
    renameSync(`${paths.key}.aside`, paths.key);
    await waitUntil("it is found again", () =>
      get(stuck.id).then(
        ({ state }) => state === "running",
        () => false,
      ),
    );
  });

  it("listens again at its address when somebody removed that while a link was open", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start(idle);
    const { paths } = hostOf(test);
    rmSync(paths.socket);
    await waitUntil("the socket is there again", () => existsSync(paths.socket));
    assert.equal(
      ((await test.worker.call("sessions.get", { session: id }, call)) as { state: string }).state,
      "running",
    );
    await test.reopen();
    assert.equal((await test.list()).length, 1);
  });
});

describe("a channel that its host refuses", () => {
  it("is not kept", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start(idle);
    let isClosed = false;
    const asked = test.worker.stream(
      { session: id, from: 1_000_000, pace: false },
      { closed: () => (isClosed = true) },
      call,
    );
    await assert.rejects(asked, (error: FleettyError) => error.code === "invalid_request");
    process.kill(hostOf(test).pid, "SIGKILL");
    await waitUntil("the host's end is known", () =>
      test.logged.some(({ msg }) => msg.includes("its sessions are lost")),
    );
    assert.equal(isClosed, false, "whoever was refused hears nothing more");
  });
});

describe("a session that its host starts after the caller's deadline", () => {
  it("is known, and keeps its name until then", async () => {
    await using test = await TestWorker.open();
    await test.worker.warm();
    const { pid } = hostOf(test);
    const late = { ...idle, name: "late" };
    const impatient = { ...call, deadlineMs: 200 };
    const start = () => test.worker.call("sessions.start", { id: makeId("ses"), ...late }, impatient);
    process.kill(pid, "SIGSTOP");
    try {
      await assert.rejects(start(), { code: "server_timeout" });
      await assert.rejects(start(), { code: "session_name_conflict" });
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const seen = () => test.list();
    await waitUntil("it is known", async () => (await seen()).some(({ name }) => name === "late"), { seen });
  });
});

describe("a session that is asked for twice under one id", () => {
  it("is made once, at the same time and later", async () => {
    await using test = await TestWorker.open();
    const id = makeId("ses");
    const start = () => test.worker.call("sessions.start", { id, ...idle, name: "once" }, call);
    const [one, other] = (await Promise.all([start(), start()])) as SessionInfo[];
    assert.deepEqual(other, one);
    assert.equal(((await start()) as SessionInfo).id, id);
    assert.equal((await test.list()).length, 1);
  });
});
