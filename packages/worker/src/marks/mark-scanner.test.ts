// What is found in output, and what of it is believed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { makeNonces } from "../session/nonces.ts";
import { type Found, MarkScanner } from "./mark-scanner.ts";

const nonces = makeNonces();
const other = makeNonces();
const ESC = "\x1b";
const mark = (fields: string, number: number, nonce = nonces.marks) =>
  `${ESC}]133;${fields};fleetty=${nonce}.${number}\x07`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const report = (ms: number, state: string, text: string, nonce = nonces.report) =>
  `${ESC}]7337;${nonce};${ms};${state};${base64(text)}${ESC}\\`;

function scan(text: string | Buffer, offset = 0): Found[] {
  return [...new MarkScanner(nonces).feed(Buffer.from(text), offset)];
}

/** Kinds of marks, with `?` behind what is not believed, and states of reports. */
function told(text: string): string {
  const word = (found: Found) =>
    found.type === "report" ? found.report.state : found.mark.kind + (found.type === "foreign" ? "?" : "");
  return scan(text).map(word).join(" ");
}

describe("a mark", () => {
  it("has its kind and offsets, and says what the shell says", () => {
    const begin = `x${ESC}]7;file://h/a%20b%25${ESC}\\`;
    const prompt = mark("A", 1);
    const text = begin + prompt + mark("C;t=echo %C3%A4%3b", 2) + mark("D;7", 3) + mark("D", 4);
    const at = begin.length + 100;
    const [a, c, d, none] = scan(text, 100).map((found) => found.type === "mark" && found.mark);
    assert.deepEqual(a, { kind: "prompt", from: at, to: at + prompt.length, cwd: "/a b%" });
    assert.ok(c && d && none);
    assert.equal(c.text, "echo ä;");
    assert.deepEqual([d.exitCode, none.exitCode, none.to], [7, null, 100 + text.length]);
  });

  it("is ended by BEL or ST, and continues by either letter", () => {
    const st = mark("B", 2).replace("\x07", `${ESC}\\`);
    assert.equal(told(mark("P;k=s", 1) + st + mark("A;k=s", 3)), "continuation input continuation");
  });

  it("is believed with the session's nonce and a number above the last", () => {
    assert.equal(told(mark("A", 5) + mark("A", 5) + mark("A", 4) + mark("A", 6)), "prompt prompt? prompt? prompt");
    const shortened = nonces.marks.slice(1);
    for (const nonce of [other.marks, nonces.report, shortened, `${nonces.marks}0`]) {
      assert.equal(told(mark("D;0", 1, nonce)), "end?");
    }
    assert.equal(told(`${ESC}]133;A\x07${ESC}]133;fleetty=1\x07${ESC}]133;Z\x07`), "prompt?");
    assert.equal(told(mark("A", 1).repeat(2) + mark("A", 2 ** 60)), "prompt prompt? prompt?");
  });

  it("is none when its output is printed again", () => {
    const scanner = new MarkScanner(nonces);
    const output = Buffer.from(mark("A", 1) + mark("B", 2) + report(9, "done", ""));
    scanner.feed(output, 0);
    const again = scanner.feed(output, output.length);
    assert.deepEqual(
      again.map(({ type }) => type),
      ["foreign", "foreign"],
    );
  });

  it("takes a folder only from right before it", () => {
    const cwd = (text: string) => scan(text).map((found) => found.type === "mark" && found.mark.cwd)[0];
    const folder = `${ESC}]7;file:///home\x07`;
    assert.equal(cwd(folder + mark("A", 1)), "/home");
    assert.equal(cwd(`${folder} ${mark("A", 1)}`), undefined);
    assert.equal(cwd(`${ESC}]7;/home\x07${mark("A", 1)}`), undefined);
    assert.equal(cwd(`${ESC}]7;file://host\x07${mark("A", 1)}`), undefined);
  });

  it("is not looked for within other strings, nor in what is too long", () => {
    const doubled = mark("A", 1).replaceAll(ESC, ESC + ESC);
    assert.equal(told(`${ESC}Ptmux;${doubled}${ESC}\\${mark("B", 2)}`), "input");
    assert.equal(told(`${ESC}_${mark("A", 1).slice(1)}${ESC}\\`), "");
    assert.equal(told(mark(`C;t=${"x".repeat(4096)}`, 1) + mark("B", 2)), "input");
    assert.equal(told(`${ESC}]0;${"x".repeat(99_999)}${mark("B", 2)}`), "input");
    assert.equal(told(`${ESC}]133;A\x18${ESC}]133;B\x1a;fleetty\x07`), "");
  });

  it("is found after rubbish that began a string", () => {
    for (const rubbish of [ESC, `${ESC}P`, `${ESC}]`, `${ESC}]133;A`, `${ESC}[3`, "\x9d\x90\xff"]) {
      assert.equal(told(rubbish + mark("B", 1)), "input", JSON.stringify(rubbish));
    }
  });

  it("has a text that may be cut anywhere", () => {
    const text = (encoded: string) => scan(mark(`C;t=${encoded}`, 1)).map((f) => f.type === "mark" && f.mark.text)[0];
    assert.deepEqual(["a%C3%A4", "a%C3%A", "a%C3%", "a%C3", "100%", "100%zz"].map(text), [
      ...["aä", "a", "a", "a", "100", "100%zz"],
    ]);
  });
});

describe("a report", () => {
  it("is believed with the session's nonce and a time above the last", () => {
    const text = report(5, "needs_input", "Which\n\x1b?") + report(5, "done", "") + report(6, "done", "", other.report);
    assert.deepEqual(scan(text), [
      {
        type: "report",
        report: {
          state: "needs_input",
          text: "Which  ?",
          from: 0,
          to: report(5, "needs_input", "Which\n\x1b?").length,
        },
      },
    ]);
    assert.equal(told(report(5, "working", "") + report(7, "done", "")), "working done");
  });

  it("is nothing with another state, a text that is too long or no base64", () => {
    assert.equal(told(report(1, "ready", "")), "");
    assert.equal(told(report(1, "done", "x".repeat(1025)) + report(2, "done", "x".repeat(1024))), "done");
    assert.equal(told(`${ESC}]7337;${nonces.report};1;done;*\x07${ESC}]7337;${nonces.report};1;done\x07`), "");
    assert.equal(told(report(1, "done", "", nonces.marks)), "");
  });
});

describe("the pieces in which output comes", () => {
  const sequence = fc.constantFrom(
    ...[
      "text\r\n",
      ESC,
      "\\",
      "]",
      "\x07",
      "\x18",
      "ä€",
      `${ESC}[31m`,
      `${ESC}P`,
      `${ESC}\\`,
      `${ESC}]7;file:///h\x07`,
    ],
    ...[
      mark("A", 1),
      mark("B", 2).replace("\x07", `${ESC}\\`),
      mark("C;t=x", 3),
      mark("D;1", 4),
      mark("A", 9, other.marks),
    ],
    ...[report(1, "done", "x"), report(2, "working", "y"), `${ESC}]52;c;${"A".repeat(5000)}\x07`],
  );
  const output = fc.array(sequence, { maxLength: 30 }).map((parts) => Buffer.from(parts.join("")));

  it("change nothing of what is found", () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat(), { maxLength: 40 }), (bytes, cuts) => {
        const scanner = new MarkScanner(nonces);
        const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = edges.slice(1).map((edge, index) => ({ from: edges[index] as number, to: edge }));
        const found = pieces.flatMap(({ from, to }) => scanner.feed(bytes.subarray(from, to), 50 + from));
        assert.deepEqual(found, scan(bytes, 50));
      }),
      { numRuns: 2000 },
    );
  });

  it("may be single bytes", () => {
    const bytes = Buffer.from(`${ESC}]7;file:///h\x07${mark("A", 1)}${report(1, "done", "x")}`);
    const scanner = new MarkScanner(nonces);
    const found = [...bytes].flatMap((byte, at) => scanner.feed(Uint8Array.of(byte), at));
    assert.deepEqual(found, scan(bytes));
    assert.equal(found.length, 2);
  });
});
