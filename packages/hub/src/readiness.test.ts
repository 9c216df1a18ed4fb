// Holds readiness to its parts: each must say that it is well, in time, and the server must not be on its way out.
import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { type Check, Readiness } from "./readiness.ts";

const well: Check = async () => true;

describe("a server", () => {
  it("is ready when every part is well", async () => {
    assert.deepEqual(await new Readiness({ store: well, session_host: well }).assert(), { status: "ready" });
  });

  it("is not ready, and says which part is not well, when one says so or breaks", async () => {
    for (const ill of [async () => false, () => Promise.reject(new Error("broken"))]) {
      await assert.rejects(new Readiness({ store: ill, session_host: well }).assert(), {
        code: "not_ready",
        details: { checks: { store: false, session_host: true } },
      });
    }
  });

  it("is not ready when a part does not answer", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const silent = new Readiness({ store: well, session_host: () => new Promise(() => {}) }).assert();
      mock.timers.tick(2_000);
      await assert.rejects(silent, { details: { checks: { store: true, session_host: false } } });
    } finally {
      mock.timers.reset();
    }
  });

  it("is not ready once it stops, though every part is well", async () => {
    const readiness = new Readiness({ store: well, session_host: well });
    readiness.stop();
    await assert.rejects(readiness.assert(), {
      code: "not_ready",
      message: /is stopping/,
      details: { checks: { store: true, session_host: true } },
    });
  });
});
