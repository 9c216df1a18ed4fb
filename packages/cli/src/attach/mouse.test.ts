// Says where a program is told that the mouse is, when it has rows 2 to 5 and columns 0 to 9 of the terminal.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mouseInProgram } from "./mouse.ts";

const PROGRAM = { top: 2, left: 0, bottom: 6, right: 10 };
const told = (text: string, program = PROGRAM) =>
  Buffer.from(mouseInProgram(Buffer.from(text, "latin1"), program)).toString("latin1");
const first = (button: number, x: number, y: number) => `\x1b[M${String.fromCharCode(button + 32, x + 32, y + 32)}`;

describe("the mouse in a program that has a part of the terminal", () => {
  it("is where the program has it, in each form of reports", () => {
    assert.equal(told("\x1b[<0;4;3M\x1b[<0;4;3m"), "\x1b[<0;4;1M\x1b[<0;4;1m");
    assert.equal(told("\x1b[32;4;6M"), "\x1b[32;4;4M");
    assert.equal(told(first(0, 4, 5)), first(0, 4, 3));
    assert.equal(told("\x1b[<0;7;3M", { ...PROGRAM, left: -3, top: -1 }), "\x1b[<0;10;4M");
  });

  it("presses and turns its wheel in the program only, and ends there what began there", () => {
    assert.equal(told("a\x1b[<0;4;1Mb\x1b[<64;4;7Mc"), "abc");
    assert.equal(told(first(0, 4, 1)), "");
    assert.equal(told("\x1b[<0;4;1m\x1b[<32;40;9M"), "\x1b[<0;4;1m\x1b[<32;10;4M");
    assert.equal(told(first(3, 4, 1)), first(3, 4, 1));
  });

  it("changes nothing else that is typed", () => {
    for (const keys of ["ls\r", "\x1b[A", "\x1b", "\x1b[1;5C", "\x1b[M", "\xe6\x97\xa5"])
      assert.equal(told(keys), keys);
  });
});
