// A program at its prompt waits for its terminal alone; one that is woken by anything else, or may be, does not.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KernelLook, ProcessLook } from "../evidence/kernel-look.ts";
import { waitsForTerminalAlone } from "./sole-wait.ts";

const reader: ProcessLook = {
  program: "bash",
  argv: ["bash"],
  command: "bash",
  fingerprint: "1",
  pid: 1,
  waitingOn: "terminal",
  waitsForOthersToo: false,
  isRegistered: false,
  servesInnerTerminal: false,
  waitsForPeers: false,
  isCertain: true,
};

function look(change: Partial<ProcessLook>, more: Partial<KernelLook> = {}): KernelLook {
  const processes = [{ ...reader, ...change }];
  const foreground = { processGroup: 1, processes, isWhole: true, isGone: false };
  return { terminal: null, unreadBytes: 0, leader: null, foreground, elsewhere: [], inner: null, ...more };
}

describe("waiting for the terminal alone", () => {
  it("is what a program at its prompt does, whoever else is in its group", () => {
    assert.equal(waitsForTerminalAlone(look({})), true);
    const others = look({}).foreground?.processes ?? [];
    const pipeline = { processes: [{ ...reader, waitingOn: "pipe" as const }, ...others] };
    const foreground = { processGroup: 1, isWhole: true, isGone: false, ...pipeline };
    assert.equal(waitsForTerminalAlone(look({}, { foreground })), true);
  });

  it("is not what one does that goes on by itself, is woken by others, or is doubted", () => {
    const doubts: Partial<ProcessLook>[] = [
      { waitingOn: "terminal_with_timeout" },
      { waitingOn: "running" },
      { waitsForOthersToo: true },
      { isRegistered: true },
      { isCertain: false },
    ];
    for (const doubt of doubts) assert.equal(waitsForTerminalAlone(look(doubt)), false, JSON.stringify(doubt));
    assert.equal(waitsForTerminalAlone(look({}, { unreadBytes: 1 })), false);
    assert.equal(waitsForTerminalAlone(look({}, { inner: "lost" })), false);
    assert.equal(waitsForTerminalAlone(look({}, { foreground: null })), false);
  });
});
