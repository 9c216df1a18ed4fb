// What is typed around a command where no marks tell its end, and what is read of that.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { Ring } from "@fleetty/protocol/stream/ring";
import { SentinelWatch, sentinelLine, takesSentinel } from "./sentinel.ts";

const WORD = "0123456789abcdef";
const SHELLS = ["bash", "zsh", "dash", "fish"];

/** What a shell prints for a line, and what the watch makes of it. */
function carriedOut(shell: string, command: string) {
  const line = sentinelLine(command, { word: WORD, shell });
  const printed = execFileSync(shell, ["-c", line], { stdio: ["ignore", "pipe", "ignore"] });
  const ring = new Ring(64 * 1024);
  // The echo of the line comes before.
  ring.append(Buffer.concat([Buffer.from(`$${line}\r\n`), printed]));
  const sight = new SentinelWatch(WORD, 0).look(ring);
  const output = Buffer.from(ring.read(sight.from as number, (sight.to as number) - (sight.from as number)) ?? []);
  return { output: output.toString(), exitCode: sight.exitCode };
}

describe("a line that says where a command begins and ends", () => {
  for (const shell of SHELLS) {
    it(`is understood by ${shell}, whatever the command has in it`, () => {
      assert.deepEqual(carriedOut(shell, "echo one; false"), { output: "one\n", exitCode: 1 });
      assert.deepEqual(carriedOut(shell, `echo 'it'"'"'s'; echo "a b"`), { output: "it's\na b\n", exitCode: 0 });
      assert.deepEqual(carriedOut(shell, "echo 'back\\\\slash'").exitCode, 0);
      assert.deepEqual(carriedOut(shell, "sh -c 'exit 42'"), { output: "", exitCode: 42 });
      assert.deepEqual(carriedOut(shell, "echo one\necho two"), { output: "one\ntwo\n", exitCode: 0 });
    });
  }

  it("is given to no shell that reads another language", () => {
    assert.deepEqual(["tcsh", "nu", "python3"].map(takesSentinel), [false, false, false]);
    assert.ok(SHELLS.every(takesSentinel));
  });
});

describe("the watch for such a line", () => {
  const sequence = (text: string) => `\x1b]133;run=${WORD};${text}\x07`;

  it("sees begin and end as they come, in pieces, and takes no other word for them", () => {
    const ring = new Ring(1024);
    const watch = new SentinelWatch(WORD, 0);
    const text = `echo${sequence("begin").replace(WORD, "f".repeat(16))}${sequence("begin")}out${sequence("end;3")}`;
    const seen: unknown[] = [];
    for (const byte of Buffer.from(text)) {
      ring.append(Buffer.of(byte));
      seen.push(watch.look(ring).to);
    }
    const { from, to, exitCode } = watch.look(ring);
    assert.equal(Buffer.from(ring.read(from as number, (to as number) - (from as number)) ?? []).toString(), "out");
    assert.equal(exitCode, 3);
    assert.ok(
      seen.slice(0, -1).every((one) => one === null),
      "not before its last byte",
    );
  });

  it("goes on where the beginning is not kept any more", () => {
    const ring = new Ring(64);
    const watch = new SentinelWatch(WORD, 0);
    ring.append(Buffer.from(sequence("begin")));
    watch.look(ring);
    ring.append(Buffer.from("x".repeat(1000)));
    watch.look(ring);
    ring.append(Buffer.from(sequence("end;0")));
    assert.equal(watch.look(ring).exitCode, 0);
  });
});
