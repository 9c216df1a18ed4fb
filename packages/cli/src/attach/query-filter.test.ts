import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { QueryFilter } from "./query-filter.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const filtered = (...chunks: string[]) => {
  const filter = new QueryFilter();
  return chunks.map((chunk) => filter.filter(latin1(chunk)).toString("latin1")).join("");
};

/** Sequences that terminals answer (xterm control sequences, kitty's protocols), by what they ask. */
const queries: Record<string, string> = {
  "primary attributes": "\x1b[c",
  "primary attributes with a parameter": "\x1b[0c",
  "secondary attributes": "\x1b[>c",
  "tertiary attributes": "\x1b[=0c",
  identify: "\x1bZ",
  "identify, 8 bits": "\xc2\x9a",
  status: "\x1b[5n",
  "cursor position": "\x1b[6n",
  "cursor position, extended": "\x1b[?6n",
  "cursor position, 8 bits": "\xc2\x9b6n",
  "cursor position with a control inside": "\x1b[\n6n",
  "colour scheme": "\x1b[?996n",
  mode: "\x1b[?2026$p",
  "ANSI mode": "\x1b[4$p",
  version: "\x1b[>q",
  "version with a parameter": "\x1b[>0q",
  "keyboard protocol": "\x1b[?u",
  "key modifiers": "\x1b[?4m",
  "size in characters": "\x1b[18t",
  "size in pixels": "\x1b[14t",
  title: "\x1b[21t",
  parameters: "\x1b[x",
  checksum: "\x1b[1;1;1;1;24;80*y",
  foreground: "\x1b]10;?\x07",
  "background with ST": "\x1b]11;?\x1b\\",
  palette: "\x1b]4;1;?\x07",
  clipboard: "\x1b]52;c;?\x07",
  settings: "\x1bP$qm\x1b\\",
  capabilities: "\x1bP+q544e\x1b\\",
  graphics: "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\",
  answerback: "\x05",
};

/** What looks alike and has to reach the terminal. */
const others = [
  "plain text",
  "caf\xc3\xa9 \xc2\xa9",
  "\x1b[1;31mred\x1b[0m",
  "\x1b[2J\x1b[H\x1b[10;20H",
  "\x1b[?1049h\x1b[?25l\x1b[?2004h",
  "\x1b[1 q",
  "\x1b[>4;1m\x1b[>1u\x1b[<u",
  "\x1b[22;0t\x1b[8;24;80t",
  "\x1b[s\x1b[u",
  "\x1b]0;a title?\x07",
  "\x1b]0;?\x07",
  "\x1b]8;;https://example.org/a;?b\x07",
  "\x1b]8;;https://example.org/?q=1\x1b\\link\x1b]8;;\x1b\\",
  "\x1b]52;c;aGVsbG8=\x07",
  "\x1b(B\x1b)0\x1b=\x1b>",
  "\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\",
  "\x1b[!p\x1b[3J\x1b[1;2r\x1b[4h",
];

describe("the query filter", () => {
  for (const [name, query] of Object.entries(queries)) {
    it(`keeps a query for ${name} from the terminal`, () => {
      assert.equal(filtered(`before${query}after`), "beforeafter");
    });
  }

  it("passes everything else as it is", () => {
    for (const other of others) assert.equal(filtered(`a${other}b`), `a${other}b`);
  });

  it("passes strings too long to be queries, such as images, in pieces", () => {
    const image = `\x1bPq${"~".repeat(200_000)}\x1b\\`;
    assert.equal(filtered(`a${image}b`), `a${image}b`);
  });

  it("does not hold back text behind a sequence that is broken off", () => {
    assert.equal(filtered("\x1b[12\x1b[31mx"), "\x1b[12\x1b[31mx");
    assert.equal(filtered("\x1b\nx"), "\x1b\nx");
  });

  it("decides alike, however the stream is cut", () => {
    const piece = fc.constantFrom(...Object.values(queries), ...others);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 8 }), (pieces, cuts) => {
        const stream = `${pieces.join("")}.`;
        const at = [0, ...cuts.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length];
        const chunks = at.slice(1).map((end, index) => stream.slice(at[index], end));
        assert.equal(filtered(...chunks), filtered(stream));
      }),
    );
  });
});
