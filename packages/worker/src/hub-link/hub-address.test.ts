// Holds addresses of hubs to their two spellings, and to TLS beyond this machine.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readHubAddress } from "./hub-address.ts";

describe("the address of a hub", () => {
  const table: Readonly<Record<string, readonly [text: string, url: string]>> = {
    "https://hub-1:7337": ["https://hub-1:7337", "wss://hub-1:7337/workers"],
    "HTTPS://Hub.Example/": ["https://hub.example", "wss://hub.example/workers"],
    "https://hub/fleetty/": ["https://hub/fleetty", "wss://hub/fleetty/workers"],
    "https://hub/workers": ["https://hub/workers", "wss://hub/workers/workers"],
    "wss://hub:7337/workers": ["https://hub:7337", "wss://hub:7337/workers"],
    "wss://hub/x/workers/": ["https://hub/x", "wss://hub/x/workers"],
    "wss://hub": ["https://hub", "wss://hub/workers"],
    "http://127.0.0.1:7337": ["http://127.0.0.1:7337", "ws://127.0.0.1:7337/workers"],
    "http://[::1]:7337": ["http://[::1]:7337", "ws://[::1]:7337/workers"],
    "ws://localhost:7337/workers": ["http://localhost:7337", "ws://localhost:7337/workers"],
  };
  for (const [written, [text, url]] of Object.entries(table)) {
    it(`may be written ${written}`, () => assert.deepEqual(readHubAddress(written), { text, url }));
  }

  for (const written of [
    "",
    "hub-1:7337",
    "hub-1",
    "ftp://hub",
    "https://",
    "http://hub:7337",
    "ws://10.0.0.1/workers",
    "http://localhost.example",
    "https://user:secret@hub",
    "https://hub/?token=x",
    "https://hub/#x",
  ]) {
    it(`is not ${JSON.stringify(written)}`, () => {
      assert.throws(() => readHubAddress(written), { code: "invalid_request" });
    });
  }

  it("that holds a secret is refused without repeating it", () => {
    assert.throws(
      () => readHubAddress("https://user:hunter2@hub"),
      (error: Error) => !error.message.includes("hunter2"),
    );
  });
});
