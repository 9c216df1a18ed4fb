// Holds failed changes to saying whether they may have happened, and everything else to saying nothing of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ErrorCode, FleettyError, type MayHaveRun } from "@fleetty/protocol/errors";
import { operations } from "@fleetty/protocol/operations";
import { withMayHaveRun } from "./may-have-run.ts";

const said = (error: FleettyError) => withMayHaveRun(operations["sessions.input"], error).details?.["may_have_run"];

describe("a change that failed", () => {
  it("says whether it may have happened", () => {
    const cases: [ErrorCode, object, MayHaveRun][] = [
      ["session_create_failed", { step: "program" }, false],
      ["max_sessions_reached", {}, false],
      ["channel_full", {}, false],
      ["not_ready", {}, false],
      ["input_send_failed", { written: 0 }, false],
      ["input_send_failed", { written: 5 }, true],
      ["still_running", { pids: [1] }, true],
      ["server_timeout", {}, "unknown"],
      ["server_unavailable", {}, "unknown"],
      ["internal_error", {}, "unknown"],
    ];
    for (const [code, details, expected] of cases) {
      assert.equal(said(new FleettyError(code, "it failed", { ...details })), expected, code);
    }
  });

  it("keeps what it said already, with code, details and cause", () => {
    const cause = new Error("why");
    const told = new FleettyError("server_unavailable", "it is away", { may_have_run: false }, { cause });
    assert.equal(withMayHaveRun(operations["sessions.input"], told), told);
    const untold = new FleettyError("still_running", "it runs", { pids: [1] }, { cause });
    const { code, message, details, cause: kept } = withMayHaveRun(operations["sessions.kill"], untold);
    assert.deepEqual([code, message, details], ["still_running", "it runs", { pids: [1], may_have_run: true }]);
    assert.equal(kept, cause);
  });

  it("says nothing where nothing changes, or where the caller was wrong", () => {
    const failed = new FleettyError("server_timeout", "it took too long");
    assert.equal(withMayHaveRun(operations["sessions.screen"], failed), failed);
    assert.equal(said(new FleettyError("session_exited", "it has ended")), undefined);
    assert.equal(said(new FleettyError("unsupported", "it is not there")), undefined);
  });
});
