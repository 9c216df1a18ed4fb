// Holds the log to its bound, to whole lines, and to never stopping or disturbing what it tells about.
import assert from "node:assert/strict";
import { closeSync, existsSync, mkdtempDisposableSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BoundedLog } from "./bounded-log.ts";

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

describe("a bounded log", () => {
  it("keeps the newest lines, each whole and in order, in two generations within the bound", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀"), maxLength: 60, size: "max" });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60, size: "max" }), (lines) => {
        using folder = mkdtempDisposableSync("/tmp/ft-");
        const path = join(folder.path, "host.log");
        const maxBytes = 1_000;
        const log = new BoundedLog(path, maxBytes);
        for (const line of lines) log.write(`${line}\n`);
        log.close();
        const kept = [...linesOf(`${path}.1`), ...linesOf(path)];
        assert.deepEqual(kept, lines.slice(lines.length - kept.length));
        for (const generation of [path, `${path}.1`]) {
          assert.ok(!existsSync(generation) || statSync(generation).size <= maxBytes, `${generation} is too large`);
        }
        const keptBytes = Buffer.byteLength(kept.join("\n"));
        assert.ok(kept.length === lines.length || keptBytes > maxBytes / 4, `only ${keptBytes} bytes are kept`);
      }),
      { numRuns: 50 },
    );
  });

  it("writes a line that is longer than the bound whole", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "host.log");
    const log = new BoundedLog(path, 10);
    for (const line of ["short\n", `${"long".repeat(20)}\n`, "short\n"]) log.write(line);
    log.close();
    assert.deepEqual([linesOf(`${path}.1`), linesOf(path)], [["long".repeat(20)], ["short"]]);
  });

  it("goes on in the file that it finds, counting what is in it", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "host.log");
    for (const line of ["before", "after", "later"]) {
      const log = new BoundedLog(path, 13);
      log.write(`${line}\n`);
      log.close();
    }
    assert.deepEqual([linesOf(`${path}.1`), linesOf(path)], [["before", "after"], ["later"]]);
  });

  it("is readable by its user alone, in both generations", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "host.log");
    const log = new BoundedLog(path, 4);
    for (const line of ["one\n", "two\n"]) log.write(line);
    log.close();
    assert.deepEqual(
      [path, `${path}.1`].map((generation) => statSync(generation).mode & 0o777),
      [0o600, 0o600],
    );
  });

  it("writes into no other file when its folder is gone, and goes on when it is back", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "host.log");
    const log = new BoundedLog(path, 4);
    log.write("one\n");
    rmSync(path);
    log.write("two\n");
    // The next file that is opened gets the lowest free number: the log's own, had it given that up.
    const others = join(folder.path, "others");
    const fd = openSync(others, "a");
    log.write("three\n");
    closeSync(fd);
    assert.equal(readFileSync(others, "utf8"), "");
    closeSync(openSync(path, "a"));
    log.write("four\n");
    log.close();
    assert.deepEqual(linesOf(path), ["four"]);
  });
});
