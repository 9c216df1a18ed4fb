// What a paste sends, and which pastes are not sent, by the modes of program and terminal.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodePaste, type PasteModes, type PasteRequest } from "./encode-paste.ts";

const raw: PasteModes = {
  ...{ applicationCursor: false, newLine: false, otherKeys: 0, bracketedPaste: false },
  line: { isOn: false, echoes: false },
};
const asked: PasteModes = { ...raw, bracketedPaste: true };
const lines: PasteModes = { ...raw, line: { isOn: true, echoes: true } };

function sends(request: PasteRequest, modes = raw): string {
  return Buffer.from(encodePaste(request, modes).bytes).toString();
}

describe("a paste", () => {
  it("ends lines as Enter does", () => {
    assert.equal(sends({ text: "a\nb\r\nc\rd\n\n" }), "a\rb\rc\rd\r\r");
  });

  it("keeps tabs and all that is no control character, and nothing that could act as a key", () => {
    const kept = "\ttab é 漢 😀 \u00a0\u200d";
    const controls = [...Array.from({ length: 32 }, (_, n) => n), ...Array.from({ length: 33 }, (_, n) => 0x7f + n)];
    const left = controls.filter((code) => !"\t\n\r".includes(String.fromCharCode(code)));
    assert.equal(sends({ text: kept + String.fromCharCode(...left) }), kept);
  });

  it("cannot end itself", () => {
    const enemies = [
      "a\x1b[201~b",
      "a\x9b201~b",
      "a\x1b[20\x1b[201~1~b",
      "a\x1b\x1b[201~[201~b",
      "a\x1b\0[201~b",
      "a\x1b[201\x9b201~~b",
    ];
    for (const text of enemies) {
      const sent = sends({ text }, asked);
      const inner = sent.slice("\x1b[200~".length, -"\x1b[201~".length);
      assert.equal(sent, `\x1b[200~${inner}\x1b[201~`);
      assert.match(inner, /^a[^\x1b\x9b]*b$/, JSON.stringify(text));
    }
    assert.equal(sends({ text: "a\x1b[201~b" }, asked), "\x1b[200~ab\x1b[201~");
  });

  it("is in brackets as the program and the caller want it, and Enter is outside of them", () => {
    const request: PasteRequest = { text: "x", enter: true };
    const inBrackets = "\x1b[200~x\x1b[201~\r";
    assert.equal(sends(request, raw), "x\r");
    assert.equal(sends(request, asked), inBrackets);
    assert.equal(sends({ ...request, bracketed: "require" }, asked), inBrackets);
    assert.equal(sends({ ...request, bracketed: "never" }, asked), "x\r");
    assert.equal(sends(request, { ...raw, newLine: true }), "x\r\n");
    assert.deepEqual(
      [raw, asked].map((modes) => encodePaste(request, modes).isBracketed),
      [false, true],
    );
    assert.throws(() => encodePaste({ ...request, bracketed: "require" }, raw), { code: "paste_not_bracketed" });
  });

  it("is refused while a secret is read, whatever it says, and only in line mode", () => {
    const secret: PasteModes = { ...asked, line: { isOn: true, echoes: false } };
    for (const request of [{ text: "" }, { text: "x", bracketed: "require" }] as const) {
      assert.throws(() => encodePaste(request, secret), { code: "secret_prompt" });
    }
    assert.equal(sends({ text: "x" }, { ...raw, line: { isOn: false, echoes: false } }), "x");
  });

  it("is refused with a line that the terminal would cut, counted in bytes with its brackets", () => {
    const fits = `${"é".repeat(2047)}x`;
    assert.equal(Buffer.byteLength(fits), 4095);
    assert.equal(sends({ text: `${fits}\n${fits}`, enter: true }, lines), `${fits}\r${fits}\r`);
    for (const [text, line] of [
      [`${fits}x`, 1],
      [`a\r\nb\n${fits}x\n`, 3],
      [`\n\n\n${"x".repeat(9000)}`, 4],
    ] as const) {
      assert.throws(() => encodePaste({ text }, lines), { code: "line_too_long", details: { line, max: 4095 } });
      assert.ok(sends({ text }, raw), "only in line mode");
    }
    const bracketed: PasteModes = { ...lines, bracketedPaste: true };
    assert.throws(() => encodePaste({ text: fits }, bracketed), { code: "line_too_long" });
    assert.ok(sends({ text: fits.slice(12) }, bracketed));
  });

  it("is not refused for the sake of a terminal that cannot be asked", () => {
    assert.equal(sends({ text: "x".repeat(9000) }, { ...raw, line: null }).length, 9000);
  });
});
