import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { compilePatterns, matchRows, type PatternInput, PatternScan } from "./pattern.ts";
import { PROGRAM_MAX_SIZE } from "./program.ts";

const scanOf = (regexes: readonly (string | PatternInput)[], from = 0): PatternScan =>
  new PatternScan(compilePatterns(regexes.map((one) => (typeof one === "string" ? { regex: one } : one))), from);

/** Feeds output in the given pieces, the last one being the rest. */
function feed(scan: PatternScan, output: string | Uint8Array, pieces: readonly number[] = []): PatternScan {
  let rest = typeof output === "string" ? Buffer.from(output) : output;
  for (const size of pieces) {
    scan.feed(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  scan.feed(rest);
  return scan;
}

const textOf = (scan: PatternScan): string | null => scan.match?.text ?? null;

describe("pattern: when a match is known", () => {
  it("at once, when nothing that follows could change it", () => {
    assert.equal(textOf(feed(scanOf(["Continue\\?"]), "Continue?")), "Continue?");
    assert.equal(textOf(feed(scanOf(["BUILD (SUCCESS|FAILURE)"]), "[INFO] BUILD SUCCESS")), "BUILD SUCCESS");
    assert.equal(textOf(feed(scanOf(["\\d+?"]), "line 42")), "4");
  });

  it("not while more text would make it longer, but as soon as it ends", () => {
    const scan = feed(scanOf(["error: \\d+"]), "error: 1");
    assert.equal(scan.match, null);
    assert.equal(textOf(feed(scan, "23")), null);
    assert.equal(textOf(feed(scan, " in")), "error: 123");
  });

  it("when its line ends, and when the cursor leaves it", () => {
    assert.equal(textOf(feed(scanOf(["v\\d+"]), "v12\n3")), "v12");
    assert.equal(textOf(feed(scanOf(["v\\d+"]), "v12\rold")), "v12");
    assert.equal(textOf(feed(scanOf(["v\\d+"]), "v12\b\b\b  ")), "v12");
  });

  it("$ holds at the end of a line, not before", () => {
    const scan = feed(scanOf(["ok$"]), "ok then\r\nnot ok");
    assert.equal(scan.match, null);
    assert.deepEqual(feed(scan, "\r\n").match, { pattern: 0, text: "ok", groups: [], from: 13, to: 15 });
  });

  it("$ holds at the present end when the program pauses, and the line may still go on", () => {
    const scan = feed(scanOf(["\\$ $"]), "user@host:~$ ");
    assert.equal(scan.match, null);
    assert.equal(scan.matchAtPause()?.text, "$ ");
    feed(scan, "ls");
    assert.equal(scan.matchAtPause(), null);
    assert.equal(textOf(feed(scan, "\b\b  \b\b")), null);
    assert.equal(feed(scan, "\x1b[K").matchAtPause()?.text, "$ ");
  });

  it("a pause on an empty line is no line", () => {
    assert.equal(feed(scanOf(["^$"]), "abc\r\n").matchAtPause(), null);
    assert.deepEqual(feed(scanOf(["^$"]), "abc\r\n\r\n").match, { pattern: 0, text: "", groups: [], from: 5, to: 5 });
  });

  it("^ and \\A are the start of a line, \\z its end, and no match holds a newline", () => {
    assert.equal(textOf(feed(scanOf(["^b"]), "ab\nb")), "b");
    assert.equal(textOf(feed(scanOf(["\\Ab\\z"]), "ab\nba\nb\n")), "b");
    assert.equal(textOf(feed(scanOf(["(?s)a.b"]), "a\nb\n")), null);
    assert.equal(textOf(feed(scanOf(["a[^x]*"]), "a1\nb")), "a1");
  });

  it("word boundaries are judged when the next character is known", () => {
    const scan = feed(scanOf(["\\bfail\\b"]), "failed fail");
    assert.equal(scan.match, null);
    assert.deepEqual(feed(scan, ".").match, { pattern: 0, text: "fail", groups: [], from: 7, to: 11 });
  });
});

describe("pattern: what a match says", () => {
  it("groups, with null for those that took no part", () => {
    const scan = feed(scanOf(["(\\w+)=(\\d+)?(\\w+)?;"]), "key=42;");
    assert.deepEqual(scan.match, { pattern: 0, text: "key=42;", groups: ["key", "42", null], from: 0, to: 7 });
  });

  it("offsets of the raw bytes, escape sequences and wide characters among them", () => {
    const output = "\x1b[32mäöü \x1b[1mdone\x1b[0m!";
    const match = feed(scanOf(["d\\w*n.(!)"], 1000), output).match;
    const from = 1000 + Buffer.byteLength("\x1b[32mäöü \x1b[1m");
    assert.deepEqual(match, { pattern: 0, text: "done!", groups: ["!"], from, to: 1000 + Buffer.byteLength(output) });
  });

  it("characters outside the basic plane count as one", () => {
    assert.deepEqual(feed(scanOf(["(.)x"]), "𝄞𝄞x").match, { pattern: 0, text: "𝄞x", groups: ["𝄞"], from: 4, to: 9 });
  });

  it("text and groups cut to 1 KiB, in whole characters; the offsets are of all of it", () => {
    const match = feed(scanOf(["(é+)!"]), `${"é".repeat(2000)}!`).match;
    assert.equal(match?.text, "é".repeat(512));
    assert.equal(match?.groups[0], "é".repeat(512));
    assert.deepEqual([match?.from, match?.to], [0, 4001]);
  });

  it("the pattern that is known first, then the one given first", () => {
    assert.equal(feed(scanOf(["late", "early"]), "an early late").match?.pattern, 1);
    assert.equal(feed(scanOf(["arly", "early"]), "an early late").match?.pattern, 0);
    assert.equal(feed(scanOf(["e\\w+", "y", "zz"]), "an early late").match?.pattern, 1);
    assert.equal(feed(scanOf(["x$", "y$"]), "xy\n").match?.pattern, 1);
  });

  it("upper and lower case are the same with the flag i", () => {
    assert.equal(
      textOf(feed(scanOf([{ regex: "straße ÄRGER k", flags: "i" }]), "STRAßE ärger \u212a")),
      "STRAßE ärger \u212a",
    );
    assert.equal(textOf(feed(scanOf(["error"]), "ERROR")), null);
  });
});

describe("pattern: on text that is printed over", () => {
  it("sees each state of a progress line, by what is printed anew", () => {
    assert.equal(textOf(feed(scanOf(["100%"]), "  1%\r 50%\r100%")), "100%");
    assert.equal(textOf(feed(scanOf(["^done"]), "working...\rdone")), "done");
  });

  it("sees the whole of a line that was printed over in part, when it ends or at a pause", () => {
    assert.equal(textOf(feed(scanOf(["60% done$"]), "50% done\r60\r\n")), "60% done");
    assert.equal(feed(scanOf(["60% done$"]), "50% done\r60").matchAtPause()?.text, "60% done");
  });

  it("is not changed by having been asked at a pause", () => {
    const scan = feed(scanOf(["v12\\d*"]), "x12\rv");
    assert.equal(scan.matchAtPause()?.text, "v12");
    assert.equal(textOf(feed(scan, "\rw")), null);
    assert.equal(textOf(feed(scan, "\n")), null);
  });

  it("does not see what was rubbed out", () => {
    assert.equal(textOf(feed(scanOf(["lsof"]), "lss\b \bof\n")), "lsof");
    assert.equal(textOf(feed(scanOf(["ab"]), "a\rb\n")), null);
    assert.equal(textOf(feed(scanOf(["ls -la"]), `${"x".repeat(150)}${"\b".repeat(85)}ls -la`)), "ls -la");
  });
});

describe("pattern: what is refused", () => {
  const refused = (regex: string, details: object) =>
    it(JSON.stringify(regex.slice(0, 40)), () => {
      const isRefusal = (error: unknown) => {
        assert.ok(error instanceof FleettyError && error.code === "invalid_pattern");
        assert.deepEqual(error.details, details);
        return true;
      };
      assert.throws(() => compilePatterns([{ regex: "fine" }, { regex }]), isRefusal);
    });
  refused("(a)\\1", { pattern: 1, at: 3 });
  refused("a(?=b)", { pattern: 1, at: 1 });
  refused("(?<=a)b", { pattern: 1 });
  refused("(?<!a)b", { pattern: 1 });
  refused("a)b", { pattern: 1 });
  refused("[a", { pattern: 1 });
  refused("a**", { pattern: 1, at: 1 });
  refused("a{1001}", { pattern: 1, at: 1 });
  refused("(\\w{100} ){9}(\\w{100} ){9}(\\w{100} ){9}", { pattern: 1 });
  refused("é".repeat(513), { pattern: 1 });

  it("no pattern, and more than 16", () => {
    const isRefusal = (error: unknown) => error instanceof FleettyError && error.code === "invalid_pattern";
    assert.throws(() => compilePatterns([]), isRefusal);
    assert.throws(() => compilePatterns(Array.from({ length: 17 }, () => ({ regex: "a" }))), isRefusal);
  });

  it("not the largest that is allowed", () => {
    assert.equal(textOf(feed(scanOf(["é".repeat(512)]), "é".repeat(512))), "é".repeat(512));
    assert.equal(textOf(feed(scanOf(["a{1000}b{900}"]), `${"a".repeat(1000)}${"b".repeat(900)}`))?.length, 1024);
  });
});

describe("pattern on the screen", () => {
  const rows = ["$ make", "3 passed, 1 FAILED", "", "> Yes   No"];
  const on = (...regexes: string[]) => matchRows(compilePatterns(regexes.map((regex) => ({ regex }))), rows);

  it("names row, column, text and groups", () => {
    assert.deepEqual(on("(\\d+) FAILED"), { pattern: 0, text: "1 FAILED", groups: ["1"], row: 1, col: 10 });
  });

  it("takes the topmost row, then the pattern given first", () => {
    assert.deepEqual([on("Yes", "make", "\\$")?.pattern, on("nothing", "^$")?.row], [1, 2]);
  });

  it("^ and $ are the ends of a row; without a match there is none", () => {
    assert.equal(on("^> Yes +No$")?.row, 3);
    assert.equal(on("make\\n"), null);
  });
});

/** Expressions of many forms over a small alphabet, so that they often match. */
const anyExpression = fc.letrec<{ atom: string; suffixed: string; sequence: string; any: string }>((tie) => ({
  atom: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("a", "b", "c", " ", ".", "[ab]", "[^a]", "\\w", "\\d", "é", "1") },
    { weight: 1, arbitrary: fc.constantFrom("^", "$", "\\b", "\\B", "\\A", "\\z", "(?i:A)", "()") },
    { weight: 2, arbitrary: tie("any").map((inner) => `(${inner})`) },
  ),
  suffixed: fc
    .tuple(tie("atom"), fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?"))
    .map(([atom, suffix]) => (/^(\^|\$|\\b|\\B|\\A|\\z)$/.test(atom) ? atom : atom + suffix)),
  sequence: fc.array(tie("suffixed"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
  any: fc.oneof(
    { maxDepth: 3 },
    tie("sequence"),
    fc.tuple(tie("sequence"), tie("sequence")).map((two) => two.join("|")),
  ),
})).any;

/** Those that are taken: repeats within repeats can make a program larger than any that is run. */
const expression = anyExpression.filter((regex) => RE2JS.compile(regex).programSize() <= PROGRAM_MAX_SIZE);

const plainText = fc.array(fc.constantFrom("a", "b", "c", "A", " ", "1", "é", "_", "ab", "\n"), { maxLength: 30 });
const pieces = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 20 });

/** The first match by re2js itself, line by line. */
function firstByRe2(regex: string, text: string) {
  let from = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    const match = RE2JS.compile(regex).exec(line) as (string[] & { index: number }) | null;
    if (match) {
      const start = from + Buffer.byteLength(line.slice(0, match.index));
      const groups = match.slice(1).map((group) => group ?? null);
      return { pattern: 0, text: match[0], groups, from: start, to: start + Buffer.byteLength(match[0] as string) };
    }
    from += Buffer.byteLength(line) + 1;
  }
  return null;
}

describe("pattern laws", () => {
  it("finds what re2js finds in the first line that has a match, in any pieces", () => {
    fc.assert(
      fc.property(expression, plainText, pieces, (regex, tokens, sizes) => {
        const text = `${tokens.join("")}\n`;
        const expected = firstByRe2(regex, text);
        const found = feed(scanOf([regex]), text, sizes).match;
        // Of no characters at all: where they would be, the same place or the byte before an escape; plain text has none.
        assert.deepEqual(found, expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("at a pause finds what re2js finds in the unfinished line, and goes on as if it had not been asked", () => {
    fc.assert(
      fc.property(expression, plainText, pieces, (regex, tokens, sizes) => {
        const text = `x${tokens.join("").replaceAll("\n", "c")}`;
        const scan = scanOf([regex]);
        for (const size of sizes) {
          scan.matchAtPause();
          scan.feed(Buffer.from(text).subarray(scan.offset, scan.offset + size));
        }
        scan.feed(Buffer.from(text).subarray(scan.offset));
        const expected = firstByRe2(regex, `${text}\n`);
        assert.deepEqual(scan.match ?? scan.matchAtPause(), expected);
        assert.deepEqual(feed(scan, "\n").match, expected);
      }),
      { numRuns: 1500 },
    );
  });

  it("pieces and pauses make no difference, whatever is printed over and however many patterns there are", () => {
    const control = fc.constantFrom(
      "\r",
      "\b",
      "\r\n",
      "\x1b[K",
      "\x1b[1K",
      "\x1b[2K",
      "\x1b[2D",
      "\x1b[3G",
      "\x1b[1m",
      "é€",
      "𝄞",
    );
    const output = fc.array(fc.oneof(fc.constantFrom("a", "b", "c", "ab", "1 "), control), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(expression, { minLength: 1, maxLength: 4 }), output, pieces, (regexes, tokens, sizes) => {
        const text = tokens.join("");
        const whole = feed(scanOf(regexes), text);
        const split = scanOf(regexes);
        for (const size of [...sizes, text.length * 4]) {
          split.matchAtPause();
          split.feed(Buffer.from(text).subarray(split.offset, split.offset + size));
          if (split.match) break;
        }
        assert.deepEqual(split.match, whole.match);
        assert.deepEqual(split.matchAtPause(), whole.matchAtPause());
      }),
      { numRuns: 2000 },
    );
  });
});

describe("pattern cost, in steps for each byte", () => {
  const MEGABYTE = 1024 * 1024;

  /** Steps per byte of `text`, repeated to `bytes`, in pieces of 4 KiB; nothing may match. */
  function stepsPerByte(regexes: readonly string[], text: string, bytes: number): number {
    const scan = scanOf(regexes);
    const piece = Buffer.from(text.repeat(Math.ceil(4096 / text.length)));
    let fed = 0;
    for (; fed < bytes; fed += piece.byteLength) scan.feed(piece);
    assert.equal(scan.match, null);
    return scan.steps / fed;
  }

  const within = (most: number, regexes: readonly string[], text: string, bytes = MEGABYTE) =>
    it(`${regexes.join(" , ")} on ${JSON.stringify(text.slice(0, 24))}`, () => {
      const steps = stepsPerByte(regexes, text, bytes);
      assert.ok(steps <= most, `${steps} steps for each byte`);
    });

  within(1.1, ["(a*)*b"], "a", 5 * MEGABYTE);
  within(1.1, ["(a|a)*b"], "a");
  within(1.1, ["(a|aa)+$b"], "a");
  within(1.1, ["(.*)*x", "(.*.*)*y", "([a-z]+)+z"].slice(0, 1), "the quick brown fo\n");
  within(
    16.5,
    Array.from({ length: 16 }, (_, index) => `needle${index}`),
    "needle needle\r\n",
  );
  within(2.5, ["error: .*timeout.*"], "error: \b\b\b\b\b\b\b");
  // Going back costs the columns since the last state that was kept, for the two bytes of a character and its backspace.
  within(34, ["nothing"], "\x1b[1Kab\b", MEGABYTE / 4);
  within(34, ["nothing"], "ab\b", MEGABYTE / 4);
  within(3, ["nothing$"], "x\r");
  within(3, ["\\bnothing\\b$"], "some words\r\n");
  // Endlessly many states: each character may cost the whole program, and never more than that.
  within(300, ["(a|b)*a(a|b){60}c"], "abbabaabbbabababbbaabab", MEGABYTE / 16);
});
