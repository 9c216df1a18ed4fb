// What a blocked call says it waits for: every form of it, on both architectures, and what cannot be told.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Kernel } from "./kernel.ts";
import { linuxKernel } from "./kernel.ts";
import { meaningOf } from "./system-calls.ts";
import { threadWait } from "./thread-wait.ts";

const PLACE = { pid: 7, folder: "/proc/7" };
const SET = 0x1000;
const DURATION = 0x2000;
const STACK = "0x7ffcbae4e248 0x7ff11b0ea2ad";

/** A kernel in which this one thread is blocked, with this much in its memory. */
function blocked(call: string, more: { memory?: Record<number, Buffer>; files?: Record<string, string> } = {}): Kernel {
  const files: Record<string, string> = { "/proc/7/syscall": call, ...more.files };
  return {
    ...linuxKernel,
    text: (path) => files[path] ?? null,
    memory: (_, address, byteCount) => more.memory?.[address]?.subarray(0, byteCount) ?? null,
  };
}

function pollSet(...entries: (readonly [fd: number, events: number])[]): Buffer {
  const bytes = Buffer.alloc(entries.length * 8);
  for (const [index, [fd, events]] of entries.entries()) {
    bytes.writeInt32LE(fd, index * 8);
    bytes.writeInt16LE(events, index * 8 + 4);
  }
  return bytes;
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigInt64LE(BigInt(value), index * 8);
  return bytes;
}

const isX64 = process.arch === "x64";
const READ = isX64 ? 0 : 63;
const PPOLL = isX64 ? 271 : 73;
const PSELECT = isX64 ? 270 : 72;
const EPOLL = isX64 ? 281 : 22;
const RESTARTED = isX64 ? 219 : 128;
const call = (number: number, ...words: number[]) =>
  `${number} ${Array.from({ length: 6 }, (_, index) => `0x${(words[index] ?? 0).toString(16)}`).join(" ")} ${STACK}\n`;

describe("a thread", () => {
  it("in read waits for one descriptor, for ever", () => {
    const { kind, descriptors, timeoutMs } = threadWait(blocked(call(READ, 3, 0xff, 1)), PLACE);
    assert.deepEqual([kind, descriptors, timeoutMs], ["descriptors", [3], Number.POSITIVE_INFINITY]);
  });

  it("in poll waits for what it wants to read, not for what it wants to write", () => {
    const memory = { [SET]: pollSet([0, 1], [4, 4], [-1, 1], [5, 0x40], [6, 2]), [DURATION]: words(1, 500_000_000) };
    const { descriptors, timeoutMs } = threadWait(blocked(call(PPOLL, SET, 5, DURATION), { memory }), PLACE);
    assert.deepEqual([descriptors, timeoutMs], [[0, 5], 1500]);
  });

  it("in poll with no descriptor sleeps, or waits for a signal", () => {
    const memory = { [DURATION]: words(0, 1000) };
    assert.equal(threadWait(blocked(call(PPOLL, 0, 0, DURATION), { memory }), PLACE).kind, "sleep");
    assert.equal(threadWait(blocked(call(PPOLL, 0, 0, 0)), PLACE).kind, "signal");
  });

  it("in select waits for the bits of its first set", () => {
    const memory = { [SET]: words(0b1001, 0b10), [DURATION]: words(0, 250_000_000) };
    const { descriptors, timeoutMs } = threadWait(blocked(call(PSELECT, 66, SET, 0, 0, DURATION), { memory }), PLACE);
    assert.deepEqual([descriptors, timeoutMs], [[0, 3, 65], 250]);
    assert.equal(threadWait(blocked(call(PSELECT, 0, 0, 0, 0, 0)), PLACE).kind, "signal");
    assert.deepEqual(threadWait(blocked(call(PSELECT, 8, 0, SET, 0, 0)), PLACE).descriptors, []);
  });

  it("in epoll waits for those registered for input", () => {
    const files = {
      "/proc/7/fdinfo/9":
        "pos:\t0\ntfd:        0 events:       19 data: 0 pos:0\ntfd:       12 events:        4 data: 0\n",
    };
    const wait = threadWait(blocked(call(EPOLL, 9, 0xff, 10, 0xffffffff), { files }), PLACE);
    assert.deepEqual([wait.descriptors, wait.timeoutMs, wait.isRegistered], [[0], Number.POSITIVE_INFINITY, true]);
    assert.equal(threadWait(blocked(call(EPOLL, 9, 0xff, 10, 80), { files }), PLACE).timeoutMs, 80);
  });

  it("whose call goes on after a stop is known by what it sleeps in", () => {
    const memory = { [SET]: pollSet([0, 1]) };
    const polls = { "/proc/7/wchan": "poll_schedule_timeout.constprop.0" };
    const forEver = isX64 ? 0xffffffff : 0;
    const wait = threadWait(blocked(call(RESTARTED, SET, 1, forEver), { memory, files: polls }), PLACE);
    assert.deepEqual(wait.descriptors, [0]);
    const sleeps = { "/proc/7/wchan": "do_nanosleep_restart" };
    assert.equal(threadWait(blocked(call(RESTARTED), { files: sleeps }), PLACE).kind, "sleep");
    assert.equal(threadWait(blocked(call(RESTARTED), { files: { "/proc/7/wchan": "0" } }), PLACE).kind, "unreadable");
  });

  it("that runs, or is blocked outside of calls, is no riddle", () => {
    assert.equal(threadWait(blocked("running\n"), PLACE).kind, "running");
    assert.equal(threadWait(blocked(`-1 ${STACK}\n`), PLACE).kind, "other");
    assert.equal(threadWait(blocked(call(isX64 ? 1 : 64, 1)), PLACE).kind, "other", "write");
  });

  it("is unreadable where its memory is, its ring hides what it asks, or its calls have other numbers", () => {
    assert.equal(threadWait(blocked(call(PPOLL, SET, 1, 0)), PLACE).kind, "unreadable");
    assert.equal(threadWait(blocked(call(PSELECT, 1, SET, 0, 0, 0)), PLACE).kind, "unreadable");
    assert.equal(threadWait(blocked(call(PPOLL, 0, 0, DURATION)), PLACE).kind, "unreadable");
    assert.equal(threadWait(blocked(call(EPOLL, 9, 0, 1, 0)), PLACE).kind, "unreadable");
    assert.equal(threadWait(blocked(call(426, 3, 0, 1, 1)), PLACE).kind, "unreadable");
    const ofThirtyTwoBits = "3 0x0 0xff 0x1 0x0 0x0 0x0 0xffc21a10 0xf7f0a579\n";
    assert.equal(threadWait(blocked(ofThirtyTwoBits), PLACE).kind, "unreadable");
    assert.equal(threadWait({ ...linuxKernel, text: () => null }, PLACE).kind, "unreadable");
  });
});

describe("the numbers of calls", () => {
  it("are those of either architecture, and none of a third", () => {
    const asked = [0, 7, 23, 63, 72, 73, 232, 270, 271, 281, 441, 426];
    assert.deepEqual(
      asked.map((number) => meaningOf(number, "x64")),
      ["read", "poll", "select", null, null, null, "epoll", "pselect", "ppoll", "epoll", "epoll_timespec", "ring"],
    );
    assert.deepEqual(
      asked.map((number) => meaningOf(number, "arm64")),
      [null, null, null, "read", "pselect", "ppoll", null, null, null, null, "epoll_timespec", "ring"],
    );
    assert.equal(meaningOf(0, "ia32"), null);
  });
});
