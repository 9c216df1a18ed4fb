// Where a shell is by its marks, and that they say nothing of the program that takes its place.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeNonces } from "../session/nonces.ts";
import { ShellPlace } from "./shell-place.ts";

class Shell {
  readonly #nonces = makeNonces();
  readonly place = new ShellPlace(this.#nonces, { hasCommandMarks: true });
  #number = 0;
  #offset = 0;

  prints(...kinds: readonly ("A" | "B" | "C" | "D")[]): void {
    const marks = kinds.map((kind) => `\x1b]133;${kind};fleetty=${this.#nonces.marks}.${++this.#number}\x07`);
    const bytes = Buffer.from(marks.join(""));
    this.place.read(bytes, this.#offset, 0);
    this.#offset += bytes.byteLength;
  }

  isLedBy(program: string): void {
    this.place.led(program, this.#offset, 0);
  }

  /** At its prompt, as the kernel has seen it. */
  static atPrompt(): Shell {
    const shell = new Shell();
    shell.prints("A", "B");
    shell.place.agree();
    shell.isLedBy("bash");
    return shell;
  }
}

describe("a shell that becomes another program", () => {
  it("has left, though its last mark is read only after that", () => {
    const shell = Shell.atPrompt();
    assert.equal(shell.place.place, "prompt");
    shell.isLedBy("zsh");
    shell.prints("C");
    assert.equal(shell.place.place, "off");
    assert.equal(shell.place.commands.open, null);
  });

  it("is there again when the other one shows a prompt of its own", () => {
    const shell = Shell.atPrompt();
    shell.prints("C");
    assert.equal(shell.place.place, "command");
    shell.isLedBy("zsh");
    assert.equal(shell.place.place, "off");
    shell.prints("A", "B");
    shell.place.agree();
    assert.equal(shell.place.place, "prompt");
  });
});
