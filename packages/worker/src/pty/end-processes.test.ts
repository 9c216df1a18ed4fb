// Stories of ending a session's processes: none of its own is left, and nobody else's is touched.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import { endProcesses, type KillEvidence } from "./end-processes.ts";
import { childrenOf, isAlive, processesThisTurn, processIdentity, readStat } from "./processes.ts";
import { eventually, program, Run } from "./pty-harness.ts";

const bystanders: ChildProcess[] = [];

afterEach(async () => {
  await Run.endAll();
  for (const child of bystanders.splice(0)) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  await eventually("no child is left", () => childrenOf(process.pid).length === 0);
});

async function bystander(command: string, options = {}): Promise<ChildProcess & { pid: number }> {
  const child = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "ignore"], ...options });
  bystanders.push(child);
  await once(child, "spawn");
  return child as ChildProcess & { pid: number };
}

function isRunning(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== null && isAlive(stat);
}

const signalsOf = (evidence: KillEvidence) =>
  Object.fromEntries(evidence.signalled.map(({ pid, signals }) => [pid, signals]));

test("a program that ignores HUP and TERM is killed, with its children in another group and another session", async () => {
  const run = await Run.start([program("child-in-other-group")]);
  const pids = (await run.prints(/ready (\d+) (\d+) (\d+)/)).slice(1).map(Number);
  const groups = () => new Set(pids.map((pid) => readStat(pid)?.pgrp));
  await eventually("each has a process group of its own", () => groups().size === 3);
  const evidence = await endProcesses(run.pty, { graceMs: 20 });
  const signals = signalsOf(evidence);
  for (const pid of pids) assert.deepEqual(signals[pid], ["SIGHUP", "SIGTERM", "SIGKILL"]);
  assert.deepEqual(evidence.survivors, []);
  assert.deepEqual(pids.filter(isRunning), []);
  assert.equal(evidence.signalled.find(({ pid }) => pid === run.pty.pid)?.start_time, run.pty.startTime);
  assert.match(evidence.signalled[0]?.command ?? "", /child-in-other-group/);
  assert.deepEqual(await run.exit(), { signal: "SIGKILL" });
});

test("without grace everything is killed at once", async () => {
  const run = await Run.start([program("child-in-other-group")]);
  const pids = (await run.prints(/ready (\d+) (\d+) (\d+)/)).slice(1).map(Number);
  const evidence = await endProcesses(run.pty, { graceMs: 0 });
  const signals = signalsOf(evidence);
  for (const pid of pids) assert.deepEqual(signals[pid], ["SIGKILL"]);
  assert.deepEqual([evidence.survivors, pids.filter(isRunning)], [[], []]);
  await run.exit();
});

test("with grace a program may say good-bye, and nothing more is sent once it is gone", async () => {
  const run = await Run.start([program("slow-exit"), "0"]);
  await run.prints(/ready/);
  const evidence = await endProcesses(run.pty, { graceMs: 20_000 });
  assert.deepEqual(signalsOf(evidence)[run.pty.pid], ["SIGHUP"]);
  assert.deepEqual(await run.exit(), { code: 3 });
  assert.match(run.output, /bye/);
});

test("a stopped program is woken to take its signal", async () => {
  const run = await Run.start([program("stop-itself")]);
  await eventually("it has stopped", () => readStat(run.pty.pid)?.state === "T");
  const evidence = await endProcesses(run.pty, { graceMs: 20_000 });
  assert.deepEqual(signalsOf(evidence)[run.pty.pid], ["SIGHUP", "SIGCONT"]);
  assert.deepEqual(await run.exit(), { signal: "SIGHUP" });
});

test("children born of the signal itself are found and ended", async () => {
  const run = await Run.start([program("fork-on-hangup")]);
  await run.prints(/ready/);
  const evidence = await endProcesses(run.pty, { graceMs: 300 });
  assert.deepEqual(evidence.survivors, []);
  assert.ok(evidence.signalled.length >= 3, JSON.stringify(evidence));
  assert.deepEqual(
    evidence.signalled.filter(({ pid }) => isRunning(pid)),
    [],
  );
  await run.exit();
});

test("what the leader left behind is ended after it has gone", async () => {
  const run = await Run.start([program("leave-child-behind"), "sleep", "1000"]);
  await run.exit();
  const left = Number((await run.prints(/left (\d+)/))[1]);
  assert.equal(isRunning(left), true);
  const evidence = await endProcesses(run.pty, { graceMs: 0 });
  assert.deepEqual(signalsOf(evidence), { [left]: ["SIGKILL"] });
  assert.equal(isRunning(left), false);
});

test("a process that got the leader's pid later is never signalled, nor is anything below it", async () => {
  const stranger = await bystander("sleep 1000 & echo $!; wait", { detached: true });
  const [line] = await once(stranger.stdout as NodeJS.ReadableStream, "data");
  const identity = processIdentity(stranger.pid);
  for (const forged of [
    { ...identity, startTime: identity.startTime - 1 },
    { ...identity, startTime: 0 },
    { ...identity, bootId: "another boot" },
  ]) {
    assert.deepEqual(await endProcesses(forged, { graceMs: 0 }), { signalled: [], survivors: [] });
  }
  assert.equal(isRunning(stranger.pid), true);
  process.kill(Number(line), "SIGKILL");
});

test("of a leader without a kernel session of its own only the descendants are ended, not its neighbours", async () => {
  // All in a kernel session apart, so that a mistake here ends nobody else.
  const outer = await bystander("sleep 1000 & n=$!; (sleep 1000; :) & echo $n $!; wait", { detached: true });
  const [line] = await once(outer.stdout as NodeJS.ReadableStream, "data");
  const [neighbour, leader] = String(line).split(" ").map(Number) as [number, number];
  await eventually("the leader has its child", () => childrenOf(leader).length === 1);
  const child = childrenOf(leader)[0] as number;
  const evidence = await endProcesses(processIdentity(leader), { graceMs: 0 });
  assert.deepEqual(new Set(evidence.signalled.map(({ pid }) => pid)), new Set([leader, child]));
  assert.equal(isRunning(neighbour), true);
  process.kill(neighbour, "SIGKILL");
});

test("whoever waits may give up", async () => {
  const run = await Run.start([program("ignore-sigterm")]);
  await run.prints(/ready/);
  const giveUp = new AbortController();
  const ending = endProcesses(run.pty, { graceMs: 20_000, signal: giveUp.signal });
  giveUp.abort();
  await assert.rejects(ending, { name: "AbortError" });
  assert.equal(isRunning(run.pty.pid), true);
  await endProcesses(run.pty, { graceMs: 0 });
  await run.exit();
});

test("a program that began in the very turn in which the table of processes was read before is ended too", async () => {
  await new Promise((resolve) => setImmediate(resolve));
  processesThisTurn();
  const child = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
  bystanders.push(child);
  const evidence = await endProcesses(processIdentity(child.pid as number), { graceMs: 0 });
  assert.deepEqual(signalsOf(evidence), { [child.pid as number]: ["SIGKILL"] });
});
