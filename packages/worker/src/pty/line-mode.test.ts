// What the kernel says of how a terminal hands on its input, in every state that programs put it in.
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { after, describe, it } from "node:test";
import { lineModeOf } from "./line-mode.ts";
import { Run } from "./pty-harness.ts";

after(() => Run.endAll());

describe("a terminal", () => {
  for (const [settings, seen] of [
    ["sane", { isOn: true, echoes: true }],
    ["-echo", { isOn: true, echoes: false }],
    ["-icanon", { isOn: false, echoes: true }],
    ["raw -echo", { isOn: false, echoes: false }],
  ] as const) {
    it(`says what stty ${settings} has made of it`, async () => {
      const run = await Run.start(["/bin/sh", "-c", `stty ${settings}; echo set; exec sleep 1000`]);
      await run.prints(/set/);
      assert.deepEqual(lineModeOf(run.pty.heldSlaveFd), seen);
      await run.end();
      assert.equal(run.pty.heldSlaveFd, null);
      assert.equal(lineModeOf(run.pty.heldSlaveFd), null);
    });
  }

  it("is what the others are not", () => {
    const fd = openSync("/dev/null", "r");
    try {
      assert.equal(lineModeOf(fd), null);
    } finally {
      closeSync(fd);
    }
    assert.equal(lineModeOf(fd), null, "nor is a descriptor that is closed");
  });
});
