import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sessionInfo } from "./common.ts";
import { create } from "./starting.ts";

describe("the environment of a create", () => {
  const fits = (value: string) => create.input.safeParse({ env: { A: value } }).success;

  it("is bounded by the bytes that the program gets, however they are written", () => {
    const room = 128 * 1024 - "A=".length - 1;
    for (const character of ["x", "\n", "é", "漢", "😀"]) {
      const most = Math.floor(room / Buffer.byteLength(character));
      assert.deepEqual([fits(character.repeat(most)), fits(character.repeat(most + 1))], [true, false], character);
    }
  });
});

describe("what is said of a session", () => {
  const time = "2026-03-02T09:00:00.000Z";
  const info = {
    ...{ name: "a", server: "s", pid: 1, command: "sh", rows: 24, cols: 80, clients: 0, tags: [], last_activity_ms: 0 },
    ...{ id: "ses_1", state: "running", exit: null, end_reason: null, created_at: time, exited_at: null },
    ...{ generation: 0, offset: 0, epoch: 0, attention: "unknown", attention_since: time, title: "", cwd: null },
    ...{ recording: false, workspace: null, lease: null },
  };

  it("is understood also from a newer version, with words, members and a lease that this one does not know", () => {
    const newer = {
      ...info,
      state: "dreaming",
      mood: "well",
      lease: { holder: "ci", kind: "robot", expires_at: time, why: "tests" },
    };
    for (const said of [info, newer]) assert.deepEqual(sessionInfo.parse(said), said);
  });
});
