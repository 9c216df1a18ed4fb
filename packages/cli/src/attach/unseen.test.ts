// Says what of a session's output reaches a terminal that draws its screen.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Unseen } from "./unseen.ts";

const kept = (...chunks: string[]) => {
  const unseen = new Unseen();
  return chunks.map((chunk) => unseen.filter(Buffer.from(chunk)).toString()).join("");
};

describe("what changes no cell", () => {
  it("is kept: how keys and mouse are told, bell, title, cursor's shape, clipboard, notes", () => {
    const all =
      "\x1b[?1h\x1b[?2004h\x1b[?1002;1006h\x1b=\x1b>\x1b[>4;1m\x1b[>4m\x1b[5 q\x07" +
      "\x1b]0;title\x07\x1b]2;\x1b\\\x1b]52;c;YQ==\x07\x1b]9;done\x07\x1b]104\x07";
    assert.equal(kept(all), all);
    assert.equal(kept("\x1b[?10", "02h a \x1b]2;ti", "tle\x07"), "\x1b[?1002h\x1b]2;title\x07");
  });

  it("is all that is kept", () => {
    const cells =
      "text\r\n\x1b[1mbold\x1b[H\x1b[2J\x1b[?25l\x1b[?1049h\x1b7\x1b(B\x1b]8;;http://x\x07link\x1b]133;A\x07\x1bc";
    assert.equal(kept(cells), "");
    assert.equal(kept("\x1b[?1049;1006h"), "\x1b[?1006h");
    assert.equal(kept("\x1b[?1016h\x1b[?1005h\x1b[6n\x1b[c\x1b]52;c;?\x07\x1b]11;?\x07"), "");
    assert.equal(kept("many\x07bells\x07\x07"), "\x07");
  });
});
