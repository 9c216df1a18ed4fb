// What a full terminal does to a writer, shown on a named pipe: it fills up, and what is in it can be counted.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { TerminalWriter } from "./terminal-writer.ts";

const dir = mkdtempSync(join(tmpdir(), "fleetty-writer-"));
const path = join(dir, "pipe");
execFileSync("mkfifo", [path]);
const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);

after(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

/** All that is in the pipe now. */
function drain(): Buffer {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(64 * 1024);
  for (;;) {
    try {
      chunks.push(Buffer.from(chunk.subarray(0, readSync(fd, chunk))));
    } catch {
      return Buffer.concat(chunks);
    }
  }
}

describe("a writer whose terminal takes no more", () => {
  let nowMs = 0;
  let writer = new TerminalWriter(fd, () => nowMs);

  beforeEach(() => {
    drain();
    nowMs = 0;
    writer = new TerminalWriter(fd, () => nowMs);
  });

  test("takes no more of many small writes than of a few large ones, and has room again once they are over", async () => {
    const outcomeOf = (bytes: Buffer) =>
      writer.write(bytes).then(
        () => "written",
        ({ code }) => code,
      );
    const large = outcomeOf(Buffer.alloc(1024 * 1024));
    const small = Array.from({ length: 20_000 }, () => outcomeOf(Buffer.from("k")));
    nowMs = 5_000;
    assert.equal(await large, "input_send_failed");
    const outcomes = await Promise.all(small);
    assert.equal(outcomes.indexOf("channel_full"), 8191);
    assert.ok(outcomes.slice(8191).every((outcome) => outcome === "channel_full"));
    drain();
    await writer.write(Buffer.from("again"));
  });

  test("gives up after 5 s, says exactly how much was taken, and writes no more of it later", async () => {
    const refused = writer.write(Buffer.alloc(1_000_000, "a")).catch((error) => error);
    nowMs = 4_999;
    const next = writer.write(Buffer.from("next"));
    nowMs = 5_000;
    const error = await refused;
    assert.equal(error.code, "input_send_failed");
    const taken = drain();
    assert.deepEqual(error.details, { written: taken.byteLength, reason: "late" });
    await next;
    assert.equal(drain().toString(), "next");
  });

  test("goes on where it stopped when there is room again", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const written = writer.write(bytes);
    const read: Buffer[] = [];
    let isWritten = false;
    void written.then(() => {
      isWritten = true;
    });
    while (!isWritten) {
      read.push(drain());
      await new Promise(setImmediate);
    }
    read.push(drain());
    assert.ok(Buffer.concat(read).equals(bytes));
  });

  test("lets no more than 8 MiB wait", async () => {
    const waiting = writer.write(Buffer.alloc(8 * 1024 * 1024)).catch((error) => error);
    await assert.rejects(writer.write(Buffer.alloc(1)), { code: "channel_full" });
    writer.end();
    assert.equal((await waiting).code, "input_send_failed");
  });

  test("takes at once what there is room for, and nothing behind what waits; the rest never follows", async () => {
    await writer.writeNow(Buffer.from("now"));
    assert.equal(drain().toString(), "now");
    const part = await writer.writeNow(Buffer.alloc(1_000_000, "a")).catch((error) => error);
    assert.deepEqual([part.code, part.details], ["input_send_failed", undefined]);
    const waiting = writer.write(Buffer.from("waits"));
    const refused = { code: "input_send_failed", details: { written: 0 } };
    await assert.rejects(writer.writeNow(Buffer.from("x")), refused);
    assert.equal(drain().toString().replaceAll("a", ""), "");
    await waiting;
    assert.equal(drain().toString(), "waits");
    writer.end();
    await assert.rejects(writer.writeNow(Buffer.from("x")), refused);
  });

  test("an empty write is done at once", async () => {
    await writer.write(new Uint8Array());
  });
});
