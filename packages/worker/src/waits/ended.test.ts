import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Screen, SessionInfo } from "@fleetty/protocol/schemas/common";
import { Ring } from "@fleetty/protocol/stream/ring";
import { type Ended, waitOnEnded } from "./ended.ts";

const screen = (lines: string[]): Screen => ({
  epoch: 7,
  first_line_index: 0,
  total_lines: lines.length,
  lines,
  cursor: { row: 0, col: 0, visible: true },
  cols: 80,
  rows: lines.length,
  alternate_active: false,
  generation: 9,
  offset: 0,
});

const info: SessionInfo = {
  name: "build",
  server: "web-1",
  pid: null,
  command: "make",
  rows: 1,
  cols: 80,
  clients: 0,
  tags: [],
  last_activity_ms: 0,
  id: "ses_1",
  state: "exited",
  exit: { code: 2 },
  end_reason: "exited",
  created_at: "2026-03-02T09:00:00.000Z",
  exited_at: "2026-03-02T09:10:00.000Z",
  generation: 9,
  offset: 0,
  epoch: 7,
  attention: "unknown",
  attention_since: "2026-03-02T09:00:00.000Z",
  title: "",
  cwd: null,
  recording: false,
  workspace: null,
  lease: null,
};

function endedAfter(output: string): Ended {
  const ring = new Ring();
  ring.append(Buffer.from(output));
  return { info, ring, header: { generation: 9, epoch: 7, plain: screen(["2 FAILED"]), styled: screen([]) } };
}

const session = "build";
const since = { generation: 0, offset: 0 };

describe("a wait on a session that has ended", () => {
  it("tells the exit, and where the session ended", async () => {
    assert.deepEqual(await waitOnEnded(endedAfter("bye\n"), { session }), {
      session: "build",
      server: "web-1",
      id: "ses_1",
      reason: "exit",
      confidence: "exact",
      timed_out: false,
      attention: "done",
      attention_seq: 0,
      exit: { code: 2 },
      exit_code: 2,
      generation: 9,
      offset: 4,
      epoch: 7,
    });
  });

  it("finds a pattern in its last output and on its last screen", async () => {
    const ended = endedAfter(`${"x\n".repeat(200_000)}error 7`);
    const patternIn = async (regex: string, on: "output" | "screen") => {
      const { reason, match } = await waitOnEnded(ended, { session, since, until: { pattern: { regex, on } } });
      return [reason, match?.text];
    };
    assert.deepEqual(await patternIn("error \\d+", "output"), ["pattern", "error 7"]);
    assert.deepEqual(await patternIn("\\d FAILED", "screen"), ["pattern", "2 FAILED"]);
    assert.deepEqual(await patternIn("never", "output"), ["exit", undefined]);
  });

  it("does not wait for quiet that can only come", async () => {
    const { reason } = await waitOnEnded(endedAfter(""), { session, until: { idle: { timeout_ms: 60_000 } } });
    assert.equal(reason, "exit");
  });

  it("attaches the last screen as asked", async () => {
    const ended = endedAfter("");
    const attachedFor = async (asked: "none" | "plain" | "styled" | { since_epoch: number }) =>
      (await waitOnEnded(ended, { session, screen: asked })).screen;
    assert.equal(await attachedFor("none"), undefined);
    assert.equal(await attachedFor("plain"), ended.header.plain);
    assert.equal(await attachedFor("styled"), ended.header.styled);
    assert.equal(await attachedFor({ since_epoch: 3 }), ended.header.plain);
    assert.deepEqual(await attachedFor({ since_epoch: 7 }), { epoch: 7, unchanged: true, generation: 9, offset: 0 });
  });
});
