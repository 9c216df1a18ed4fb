import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { InputLedger } from "./input-ledger.ts";

const bytes = (length: number) => new Uint8Array(length);
const at = { generation: 1, offset: 10 };

describe("an input ledger", () => {
  it("numbers inputs from 1 and keeps them until they are acknowledged", async () => {
    const ledger = new InputLedger();
    const first = ledger.add(bytes(1));
    const second = ledger.add(bytes(2));
    assert.deepEqual(
      ledger.pending().map(({ number }) => number),
      [1, 2],
    );
    ledger.acknowledge(1, at);
    assert.deepEqual(await first.written, at);
    assert.deepEqual(ledger.pending(), second.inputs);
  });

  it("splits what is long and says where its first byte begins", async () => {
    const ledger = new InputLedger();
    const { inputs, written } = ledger.add(bytes(150_000));
    assert.deepEqual(
      inputs.map((input) => input.bytes.byteLength),
      [65_536, 65_536, 18_928],
    );
    ledger.acknowledge(1, at);
    ledger.acknowledge(3, { generation: 9, offset: 99 });
    assert.deepEqual(await written, at);
  });

  it("refuses more than it may hold, and nothing of it is numbered", () => {
    const ledger = new InputLedger();
    ledger.add(bytes(1_000_000)).written.catch(() => {});
    assert.throws(() => ledger.add(bytes(100_000)), { code: "channel_full" });
    assert.equal(ledger.pending().length, 16);
    ledger.acknowledge(16, at);
    assert.deepEqual(
      ledger.add(bytes(100_000)).inputs.map(({ number }) => number),
      [17, 18],
    );
  });

  it("tells everybody who waits when it ends", async () => {
    const ledger = new InputLedger();
    const { written } = ledger.add(bytes(1));
    const error = new FleettyError("session_exited", "over");
    ledger.end(error);
    await assert.rejects(written, error);
    assert.deepEqual(ledger.pending(), []);
  });
});
