import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FLEETTY_VERSION } from "../version.ts";
import { Screen } from "./screen.ts";

/** What is answered to `output`, per feed. */
function answers(output: string): string[] {
  const replies: string[] = [];
  const reply = (bytes: Uint8Array) => void replies.push(Buffer.from(bytes).toString());
  new Screen({ cols: 20, rows: 5, scrollbackLines: 10, reply }).feed(Buffer.from(output));
  return replies;
}

describe("a query", () => {
  const answered: Record<string, [string, string]> = {
    "for primary attributes": ["\x1b[c", "\x1b[?1;2c"],
    "for secondary attributes": ["\x1b[>0c", "\x1b[>0;276;0c"],
    "for name and version": ["\x1b[>q", `\x1bP>|fleetty(${FLEETTY_VERSION})\x1b\\`],
    "for the status": ["\x1b[5n", "\x1b[0n"],
    "for the cursor": ["\r\nab\x1b[6n", "\x1b[2;3R"],
    "for the cursor, DEC's": ["ab\x1b[?6n", "\x1b[?1;3R"],
    "for the cursor while a wrap is pending": [`${"x".repeat(20)}\x1b[6n`, "\x1b[1;20R"],
    "for the cursor in origin mode": ["\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b[6n", "\x1b[2;2R"],
    "for a mode of DEC": ["\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"],
    "for a mode of ANSI": ["\x1b[4$p", "\x1b[4;2$y"],
    "for an unknown mode": ["\x1b[?1234$p", "\x1b[?1234;0$y"],
    "for the foreground": ["\x1b]10;?\x07", "\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\"],
    "for the background, and those that follow": [
      "\x1b]11;?;?;?\x1b\\",
      "\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]12;rgb:e5e5/e5e5/e5e5\x1b\\",
    ],
    "for palette colours": [
      "\x1b]4;1;?;16;?;21;?;255;?;256;?;x;?\x07",
      ["1;rgb:cdcd/0000/0000", "16;rgb:0000/0000/0000", "21;rgb:0000/0000/ffff", "255;rgb:eeee/eeee/eeee"]
        .map((color) => `\x1b]4;${color}\x1b\\`)
        .join(""),
    ],
  };
  for (const [what, [output, answer]] of Object.entries(answered)) {
    test(`${what} is answered`, () => assert.deepEqual(answers(output), [answer]));
  }

  const silent: Record<string, string> = {
    "for the title": "\x1b]2;rm -rf\x07\x1b[21t",
    "for the icon name": "\x1b]1;rm -rf\x07\x1b[20t",
    "for sizes and states of the window": "\x1b[11t\x1b[13t\x1b[14t\x1b[16t\x1b[18t\x1b[19t",
    "for the selection": "\x1b]52;c;?\x07",
    "for the font": "\x1b]50;?\x07",
    "for settings (DECRQSS)": "\x1bP$qm\x1b\\\x1bP$qr\x1b\\",
    "for a capability (XTGETTCAP)": "\x1bP+q544e\x1b\\",
    "for tertiary attributes": "\x1b[=c",
    "for a checksum, a report of parameters, the answerback": "\x1b[1;1;1;1;2;2*y\x1b[x\x05",
    "for a mode that no terminal has": "\x1b[?2147483647$p\x1b[99999$p",
    "that sets a colour": "\x1b]10;red\x07\x1b]4;1;blue\x07\x1b]104\x07",
    "that is aborted": "\x1b]10;?\x18",
  };
  for (const [what, output] of Object.entries(silent)) {
    test(`${what} is not answered`, () => assert.deepEqual(answers(output), []));
  }

  test("is answered once, in order, with one reply per feed", () => {
    assert.deepEqual(answers("\x1b[5n text \x1b[c\x1b]11;?\x07\x1b[?1$p\x1b[5n"), [
      "\x1b[0n\x1b[?1;2c\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?1;2$y\x1b[0n",
    ]);
  });

  test("of the past is not answered again", () => {
    const replies: string[] = [];
    const reply = (bytes: Uint8Array) => void replies.push(Buffer.from(bytes).toString());
    const screen = new Screen({ cols: 20, rows: 5, scrollbackLines: 10, reply });
    screen.replay(Buffer.from("past\x1b[c"));
    assert.deepEqual(replies, []);
    screen.feed(Buffer.from("\x1b[5n"));
    assert.deepEqual(replies, ["\x1b[0n"]);
    assert.equal(screen.read("plain").lines[0], "past");
  });

  test("too many are answered up to a bound", () => {
    const [answer = ""] = answers("\x1b[c".repeat(100_000));
    assert.ok(answer.length > 16_000 && answer.length <= 16_384, `${answer.length}`);
  });
});
