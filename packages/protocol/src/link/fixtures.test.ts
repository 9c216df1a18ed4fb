// Real messages of every released version of the link, one of each kind, recorded once and never changed: whatever the code
// becomes, it reads them as they were meant. fixtures/v<version>.jsonl holds a message a line: who sent it, and its text or
// the bytes of its frame.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readEvent } from "../events.ts";
import { findOperation, type Schemas } from "../operations/index.ts";
import { type BinaryFrame, decodeBinary, decodeSnapshot, FrameType } from "./binary-frames.ts";
import { fromHub, fromWorker, MalformedFrame, readFrame } from "./text-frames.ts";
import { PROTOCOL_OLDEST, PROTOCOL_VERSION, protocolHistory } from "./version.ts";
import { Wire } from "./wire.ts";

interface Recorded {
  readonly from: "hub" | "worker";
  readonly text?: string;
  readonly hex?: string;
}

const tables = { hub: fromHub, worker: fromWorker } as const;

function recorded(version: number): Recorded[] {
  const lines = readFileSync(join(import.meta.dirname, `fixtures/v${version}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Recorded);
}

function textsOf(version: number): { from: "hub" | "worker"; text: string; value: Record<string, unknown> }[] {
  return recorded(version).flatMap(({ from, text }) =>
    text === undefined ? [] : [{ from, text, value: JSON.parse(text) }],
  );
}

function framesOf(version: number): BinaryFrame[] {
  const frames = recorded(version).flatMap(({ hex }) =>
    hex === undefined ? [] : [decodeBinary(Buffer.from(hex, "hex"))],
  );
  return frames.filter((frame) => frame !== null);
}

/** What one end makes of all that the other one said. */
function heard(version: number, from: "hub" | "worker") {
  const texts: unknown[] = [];
  const binaries: BinaryFrame[] = [];
  const wire = new Wire({
    carrier: { send() {}, bufferedBytes: () => 0, close() {} },
    incoming: tables[from] as typeof fromWorker,
    onText: (frame) => texts.push(frame),
    onBinary: (frame) => binaries.push(frame),
  });
  for (const { text, hex } of recorded(version).filter((one) => one.from === from)) {
    wire.receive(text ?? Buffer.from(hex as string, "hex"));
  }
  return { texts, binaries, unknown: wire.unknownFrames };
}

it("there are recorded messages of every version that is spoken, and of no other", () => {
  const spoken = protocolHistory.map(({ version }) => version).filter((version) => version >= PROTOCOL_OLDEST);
  assert.equal(spoken.at(-1), PROTOCOL_VERSION);
  for (const version of spoken) assert.ok(recorded(version).length > 0);
});

describe("a message of version 1", () => {
  it("is read whole, each with all of its members", () => {
    for (const { from, text, value } of textsOf(1)) assert.deepEqual(readFrame(tables[from], text), value);
  });

  it("is there of every type", () => {
    for (const from of ["hub", "worker"] as const) {
      const types = new Set(textsOf(1).flatMap((one) => (one.from === from ? [String(one.value["type"])] : [])));
      assert.deepEqual([...types].sort(), Object.keys(tables[from]).sort());
    }
    assert.deepEqual([...new Set(framesOf(1).map(({ type }) => type))].sort(), Object.keys(FrameType).sort());
  });

  it("asks for operations and tells events that are still known, in a shape that still fits", async () => {
    for (const { value } of textsOf(1)) {
      if (value["type"] === "req") {
        const { input }: Schemas = await (
          findOperation(String(value["op"])) ?? assert.fail(String(value["op"]))
        ).schemas();
        assert.deepEqual(input.parse(value["p"]), value["p"]);
      }
      if (value["type"] === "evt") {
        const event = await readEvent(String(value["event"]), value["p"]);
        assert.deepEqual(event, { type: value["event"], ...(value["p"] as object) });
      }
    }
  });

  it("in bytes means what it meant", () => {
    const [output, input, snapshot] = framesOf(1) as [BinaryFrame, BinaryFrame, BinaryFrame];
    const meant = ({ type, channel, offset, payload }: BinaryFrame) => [
      type,
      channel,
      offset,
      String(Buffer.from(payload)),
    ];
    assert.deepEqual(meant(output), ["output", 1, 0, "ready\r\n"]);
    assert.deepEqual(meant(input), ["input", 2, 1, "héllo\n"]);
    assert.deepEqual([snapshot.type, snapshot.channel, snapshot.offset], ["snapshot", 1, 2 ** 32 + 5]);
    const screen = { cols: 300, rows: 2, alternate: true, vt: "\u001b[2J\u001b[31mhéllo" };
    assert.deepEqual(decodeSnapshot(snapshot.payload), screen);
  });

  it("in parts is put together, cut within a character", () => {
    assert.deepEqual(heard(1, "worker").texts.at(-1), {
      type: "res",
      id: 7,
      ok: true,
      p: { text: "héllo in two parts" },
    });
  });

  it("is never counted as unknown", () => {
    const [hub, worker] = [heard(1, "hub"), heard(1, "worker")];
    assert.deepEqual([hub.unknown, worker.unknown], [0, 0]);
    assert.equal(hub.binaries.length + worker.binaries.length, 3);
  });
});

describe("a message of a later version", () => {
  it("with members that nobody knows yet is read without them", () => {
    for (const { from, value } of textsOf(1)) {
      const later = JSON.stringify({ ...value, novelty: { deep: [1] }, another: null });
      assert.deepEqual(readFrame(tables[from], later), value);
    }
  });

  it("of a type that nobody knows yet is ignored and counted, as text, as bytes and in parts", () => {
    const heardOf: unknown[] = [];
    const wire = new Wire({
      carrier: { send() {}, bufferedBytes: () => 0, close() {} },
      incoming: fromWorker,
      onText: (frame) => heardOf.push(frame),
      onBinary: (frame) => heardOf.push(frame),
    });
    wire.receive(JSON.stringify({ type: "from_the_future", id: "not even a number" }));
    wire.receive(JSON.stringify({ type: "toString" }));
    wire.receive(Buffer.from("63000000000000010000000000000000aa", "hex"));
    const text = Buffer.from(JSON.stringify({ type: "from_the_future" }));
    wire.receive(Buffer.concat([Buffer.from("06010000000000010000000000000000", "hex"), text]));
    assert.deepEqual([wire.unknownFrames, heardOf], [4, []]);
  });

  it("whose body does not fit its known type is refused, whichever member is wrong", () => {
    for (const { from, value } of textsOf(1)) {
      const { type, ...members } = value;
      for (const name of Object.keys(members)) {
        if (["p", "details", "features"].includes(name)) continue;
        const broken = JSON.stringify({ ...value, [name]: { strange: true } });
        assert.throws(() => readFrame(tables[from], broken), MalformedFrame, `${from} ${type} with a strange ${name}`);
      }
    }
  });
});
