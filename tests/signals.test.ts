// Signals to real programs, by HTTP, by the command line and by the client: whom they reach, and what comes of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Client } from "@fleetty/client";
import { isAlive, know } from "./harness/processes.ts";
import { fixture, installed } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const bash = installed("bash");
const python = installed("python3");

let server: TestServer;
let client: Client;

before(async () => {
  server = await startServer();
  client = server.client();
});

after(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

async function start(name: string, argv: readonly string[], env: object = {}): Promise<number> {
  const { status, json } = await server.ask({ path: "/sessions", body: { name, argv, env } });
  assert.equal(status, 201, JSON.stringify(json));
  return json.pid;
}

/** Resolves with what has been printed since the session's start, once it matches. */
async function prints(session: string, regex: string): Promise<string> {
  const until = { pattern: { regex, on: "output" } };
  const { json } = await server.ask({ path: `/sessions/${session}/wait`, body: { since: { offset: 0 }, until } });
  assert.equal(json.reason, "pattern", `${regex} was never printed: ${JSON.stringify(json)}`);
  return json.match.text;
}

function stateOf(pid: number): string | undefined {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2)[0];
}

describe("a signal", () => {
  it("reaches the job in the foreground of a shell, which lives on", { skip: bash.skip }, async () => {
    const shell = await start("jobs", [bash.path, "--norc", "--noprofile"], { PS1: "here> " });
    await prints("jobs", "^here> ");
    const job = `sh -c 'trap "echo caught; exit 3" INT; echo begun $$; while :; do sleep 0.05; done'; echo code $?`;
    await client.sessions.keys({ session: "jobs", keys: [{ text: job }, "Enter"] });
    const pid = Number((await prints("jobs", "^begun \\d+$")).split(" ")[1]);
    const sent = await server.fleetty(["signal", "jobs", "INT", "--json"]);
    assert.equal(sent.code, 0, sent.stderr);
    const { signal, pids } = JSON.parse(sent.stdout);
    assert.deepEqual([signal, pids.includes(pid), pids.includes(shell)], ["SIGINT", true, false]);
    await prints("jobs", "^caught$");
    await prints("jobs", "^code 3$");
    const { status, json } = await server.ask({
      path: "/sessions/jobs/signal",
      body: { signal: "SIGKILL", to: "session" },
    });
    assert.deepEqual([status, json.signal, json.pids.includes(shell)], [200, "SIGKILL", true]);
    const { exit } = await client.sessions.wait({ session: "jobs" });
    assert.deepEqual(exit, { signal: "SIGKILL" });
  });

  it("interrupts a program that reads Ctrl-C as a key", { skip: python.skip }, async () => {
    const program = [
      "import sys, time, tty",
      "tty.setraw(0)",
      "print('ready', flush=True)",
      "try: print(repr(sys.stdin.read(1)), flush=True); time.sleep(1000)",
      "except KeyboardInterrupt: print('interrupted', flush=True)",
    ].join("\n");
    await start("python", [python.path, "-u", "-c", program]);
    await prints("python", "ready");
    await client.sessions.keys({ session: "python", keys: ["C-c"] });
    await prints("python", "'\\\\x03'");
    await client.sessions.signal({ session: "python", signal: "INT" });
    await prints("python", "interrupted");
    assert.equal((await client.sessions.wait({ session: "python" })).exit_code, 0);
  });

  it("stops every process of a session and lets them go on", async () => {
    const leader = await start("pair", ["/bin/sh", "-c", "sleep 1000 & echo child $!; while :; do sleep 0.05; done"]);
    const child = Number((await prints("pair", "^child \\d+$")).split(" ")[1]);
    const stopped = await client.sessions.signal({ session: "pair", signal: "STOP", to: "session" });
    for (const pid of [leader, child]) assert.ok(stopped.pids.includes(pid), `${pid} is not in ${stopped.pids}`);
    await waitUntil("they are stopped", () => [leader, child].every((pid) => stateOf(pid) === "T"));
    assert.equal((await server.fleetty(["signal", "pair", "SIGCONT", "--to", "session"])).code, 0);
    await waitUntil("they go on", () => [leader, child].every((pid) => stateOf(pid) !== "T"));
    const known = know(child);
    assert.ok(known);
    await client.sessions.signal({ session: "pair", signal: "TERM", to: "session" });
    assert.deepEqual((await client.sessions.wait({ session: "pair" })).exit, { signal: "SIGTERM" });
    await waitUntil("the child has ended too", () => !isAlive(known));
  });

  it("is neither activity nor input, and what it does shows as output", async () => {
    await start("sizes", [fixture("report-size")]);
    await prints("sizes", "^24 80$");
    await start("deaf", [fixture("read-nothing")]);
    await prints("deaf", "ready");
    const until = { idle: { timeout_ms: 0 } };
    const { generation, epoch, offset } = await client.sessions.wait({ session: "deaf", until });
    await client.sessions.signal({ session: "deaf", signal: "CONT", to: "session" });
    const { json } = await server.ask({ path: "/sessions/deaf" });
    assert.deepEqual([json.generation, json.epoch, json.offset], [generation, epoch, offset]);
    const { pids } = await client.sessions.signal({ session: "sizes", signal: "WINCH" });
    assert.ok(pids.length > 0);
    await waitUntil("it reports its size again", async () => {
      const { json: read } = await server.ask({ path: "/sessions/sizes/output" });
      return read.text.match(/24 80/g)?.length === 2;
    });
  });
});
