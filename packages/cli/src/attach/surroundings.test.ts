// What is read of a session's surroundings, how often, and what becomes of a reading that fails, told by a server of the test's own.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "@fleetty/client";
import { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
import { NO_ELEMENTS } from "../picture/picture.ts";
import { type Surroundings, SurroundingsReading } from "./surroundings.ts";

const size = { rows: 24, cols: 80 };
const panel = { id: "p", position: "top", height: 1, z: 0, spans: [], visible: true };

/** A server that answers as told, and counts how often it was asked. */
class ScriptedServer {
  /** What it refuses to tell of elements, by the next questions. */
  readonly refusals: ErrorCode[] = [];
  asked = 0;
  mode = "passthrough";
  readonly read: Surroundings[] = [];

  readonly reading = new SurroundingsReading({
    client: {
      sessions: {
        get: async () => ({ ...size, name: "one" }),
        overlays: { list: () => this.#overlays() },
        panels: { list: async () => [panel] },
        input_mode: async () => ({ mode: this.mode }),
        focus_get: async () => ({ focused: "p" }),
      },
    } as unknown as Client,
    on: { session: "ses_1", server: undefined },
    onRead: (read) => this.read.push(read),
  });

  async #overlays(): Promise<[]> {
    this.asked += 1;
    const code = this.refusals.shift();
    if (code) throw new FleettyError(code, "refused");
    return [];
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("what stands around a program's screen", () => {
  it("is read together with the size of the session", async () => {
    const server = new ScriptedServer();
    server.mode = "capture";
    await server.reading.refresh();
    const elements = { overlays: [], panels: [panel], focused: "p", isCapturing: true };
    assert.deepEqual(server.read, [{ size, elements }]);
    server.reading.close();
  });

  it("is read once more for all who ask during a reading", async () => {
    const server = new ScriptedServer();
    await Promise.all([1, 2, 3, 4].map(() => server.reading.refresh()));
    assert.equal(server.asked, 2);
    server.reading.close();
  });

  it("is nothing where a server, or a session host, knows none of it", async () => {
    for (const code of ["not_found", "unsupported"] as const) {
      const server = new ScriptedServer();
      server.refusals.push(code);
      await server.reading.refresh();
      assert.deepEqual(server.read, [{ size, elements: NO_ELEMENTS }]);
      server.reading.close();
    }
  });

  it("is asked for again when it could not be read, until nobody wants it any more", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const server = new ScriptedServer();
    server.refusals.push("server_unavailable", "session_exited");
    await server.reading.refresh();
    assert.equal(server.read.length, 0);
    for (const times of [2, 3]) {
      test.mock.timers.tick(500);
      await settled();
      assert.equal(server.asked, times);
    }
    assert.equal(server.read.length, 1);
    server.refusals.push("server_unavailable");
    await server.reading.refresh();
    server.reading.close();
    test.mock.timers.tick(500);
    await settled();
    assert.equal(server.asked, 4);
  });
});
