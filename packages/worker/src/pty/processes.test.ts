// What is read of processes, on real ones, and that no program's name can confuse the reading.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import fc from "fast-check";
import {
  childrenOf,
  commandOf,
  isAlive,
  isSameProcess,
  listProcesses,
  type ProcessStat,
  parseStat,
  processesThisTurn,
  processIdentity,
  readStat,
} from "./processes.ts";

test("a program's name cannot change what is read of it", () => {
  const rest = "S 7 8 9 34816 10 4194304 0 0 0 0 0 0 0 0 20 0 3 0 123456 0 0 0 0 0 140730000";
  fc.assert(
    fc.property(fc.string({ maxLength: 15 }), (comm) => {
      const stat = parseStat(`4242 (${comm}) ${rest}`);
      const expected = {
        pid: 4242,
        comm,
        state: "S",
        ppid: 7,
        pgrp: 8,
        sid: 9,
        tty: 34816,
        foreground: 10,
        flags: 4194304,
        threadCount: 3,
        startTime: 123456,
        stackStart: 140730000,
      };
      assert.deepEqual(stat, expected);
    }),
  );
});

test("a process is the same until it is gone, and another with its pid is not", async () => {
  const child = spawn("sleep", ["1000"]);
  const identity = processIdentity(child.pid as number);
  assert.equal(isSameProcess(identity), true);
  assert.equal(isSameProcess({ ...identity, startTime: identity.startTime + 1 }), false);
  assert.equal(isSameProcess({ ...identity, bootId: "another" }), false);
  assert.equal(isSameProcess({ ...identity, startTime: 0 }), false);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(isSameProcess(identity), false);
  assert.throws(() => processIdentity(identity.pid), { code: "not_found" });
});

test("children, commands and the process table show a child while it lives", async () => {
  const child = spawn("sleep", ["1000"]);
  await once(child, "spawn");
  const stat = readStat(child.pid as number) as ProcessStat;
  assert.ok(childrenOf(process.pid).includes(stat.pid));
  assert.ok(listProcesses().some(({ pid, ppid }) => pid === stat.pid && ppid === process.pid));
  assert.equal(commandOf(stat), "sleep 1000");
  assert.equal(isAlive(stat), true);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(readStat(stat.pid), null);
});

test("the table of processes is read once for all who look in one turn, and again in the next", async () => {
  const first = processesThisTurn();
  assert.equal(processesThisTurn(), first);
  assert.ok(first.has(process.pid));
  await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.notEqual(processesThisTurn(), first);
});
