// Holds the record of a birth to what can be read of it, however far it was written.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseBirth, recordBirth, recordProcess } from "./birth-record.ts";
import { readBootId } from "./processes.ts";

const of = { name: "build", text: "two\nlines" };

describe("the record of a birth", () => {
  it("tells what was known beforehand, then also the process, to nobody but its user", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "new", "record");
    const read = () => parseBirth(readFileSync(path, "utf8"));
    recordBirth({ path, of });
    assert.deepEqual(read(), { of, process: null });
    recordProcess({ path, of }, { pid: 7, startTime: 9 });
    assert.deepEqual(read(), { of, process: { pid: 7, start_time: 9, boot_id: readBootId() } });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(path, "..")).mode & 0o777, 0o700);
  });

  it("cut anywhere tells what was whole", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "record");
    recordBirth({ path, of });
    const firstEnd = statSync(path).size;
    recordProcess({ path, of }, { pid: 7, startTime: 9 });
    const whole = readFileSync(path, "utf8");
    for (let length = 0; length < whole.length; length += 1) {
      const read = parseBirth(whole.slice(0, length));
      assert.deepEqual(read, length < firstEnd ? null : { of, process: null }, `${length} bytes`);
    }
  });

  it("that cannot be written is a refusal with the reason", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const details = { step: "record", reason: "EISDIR" };
    assert.throws(() => recordBirth({ path: folder.path, of }), { code: "session_create_failed", details });
  });
});
