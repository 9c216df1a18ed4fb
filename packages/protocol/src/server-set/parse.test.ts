// Holds the grammar of server sets to what it reads, and to where and why it refuses the rest.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FleettyError } from "../errors.ts";
import { namesOf } from "./names-of.ts";
import { parseServerSet } from "./parse.ts";
import { ELEMENTS_MAX, type ServerSet, TEXT_MAX_BYTES } from "./server-set.ts";

const nobody = () => false;

/** All names that a set spells out, in its order, the ones taken away marked. */
function spelled(set: ServerSet): string[] {
  return set.terms.flatMap((term) => {
    const names = term.atom.kind === "names" ? namesOf(term, term.atom, nobody) : [term.atom.kind];
    return names.map((name) => (term.isExclusion ? `!${name}` : name));
  });
}

function refusal(text: string): { at: number; expected: string; term: string } {
  try {
    parseServerSet(text);
  } catch (thrown) {
    assert.ok(thrown instanceof FleettyError && thrown.code === "invalid_selector", String(thrown));
    const { at, expected, term } = thrown.details as { at: number; expected: string; term: string };
    assert.ok(thrown.message.includes(expected) && at >= 0 && at <= text.length, thrown.message);
    return { at, expected, term };
  }
  return assert.fail(`${JSON.stringify(text.slice(0, 80))} is read`);
}

const numbered = (from: number, to: number, write: (n: number) => string) =>
  Array.from({ length: to - from + 1 }, (_, index) => write(from + index));

describe("a server set", () => {
  it("spells out its names", () => {
    const sets: Record<string, readonly string[]> = {
      "web-1": ["web-1"],
      "web-1.example.org": ["web-1.example.org"],
      srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD: ["srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD"],
      "web-[1-12]": numbered(1, 12, (n) => `web-${n}`),
      "web-[8-12]": numbered(8, 12, (n) => `web-${n}`),
      "web-[0-2]": ["web-0", "web-1", "web-2"],
      "web-[5-5]": ["web-5"],
      "web-[3]": ["web-3"],
      "web-[007]": ["web-007"],
      "web-[08-11]": ["web-08", "web-09", "web-10", "web-11"],
      "web-[00-01]": ["web-00", "web-01"],
      "web-[1,3,7-9,02]": ["web-1", "web-3", "web-7", "web-8", "web-9", "web-02"],
      "rack[01-04]-db[1,3]": [..."1234"].flatMap((n) => [`rack0${n}-db1`, `rack0${n}-db3`]),
      "[1-2]": ["1", "2"],
      "[1-2]-web.[1-2].x": ["1-web.1.x", "1-web.2.x", "2-web.1.x", "2-web.2.x"],
      "a[1][2]": ["a12"],
      "A-H": [..."ABCDEFGH"],
      "B-B": ["B"],
      "node-[a-f]": [..."abcdef"].map((letter) => `node-${letter}`),
      "node-[X-Z]": ["node-X", "node-Y", "node-Z"],
      "node-[a,c-d].x": ["node-a.x", "node-c.x", "node-d.x"],
      "r[a-b]-[1-2]": ["ra-1", "ra-2", "rb-1", "rb-2"],
      "A-AA": ["A-AA"],
      "a-c": ["a-c"],
      "a-C": ["a-C"],
      "A-c": ["A-c"],
      "1-3": ["1-3"],
      "A-B-C": ["A-B-C"],
      "[999999999999998-999999999999999]": ["999999999999998", "999999999999999"],
    };
    for (const [text, names] of Object.entries(sets)) assert.deepEqual(spelled(parseServerSet(text)), names, text);
  });

  it("is of terms, with blanks or a comma between two", () => {
    for (const text of ["a b !c", "a,b,!c", "a, b ,!c", "  a\tb\r\n!c  ", "a\n,\nb !c\n"]) {
      assert.deepEqual(spelled(parseServerSet(text)), ["a", "b", "!c"], JSON.stringify(text));
    }
    assert.deepEqual(spelled(parseServerSet("!a[1,2] * !#ci,@os")), ["!a1", "!a2", "all", "!tag", "labels"]);
  });

  it("knows where each atom begins", () => {
    assert.deepEqual(
      parseServerSet(" a, !b-[1,2] @c").terms.map(({ at }) => at),
      [1, 5, 13],
    );
  });

  it("asks for labels and tags", () => {
    const one = (key: string, is: "one of" | "none of", ...values: string[]) => ({ key, is, values: new Set(values) });
    const sets: Record<string, object> = {
      "@role": { kind: "labels", tests: [{ key: "role", is: "there" }] },
      "@role=web": { kind: "labels", tests: [one("role", "one of", "web")] },
      "@role!=db": { kind: "labels", tests: [one("role", "none of", "db")] },
      "@role!=db|cache": { kind: "labels", tests: [one("role", "none of", "db", "cache")] },
      "@role=web|api&@env=prod": {
        kind: "labels",
        tests: [one("role", "one of", "web", "api"), one("env", "one of", "prod")],
      },
      "@gpu&@os!=linux&@ä/b.c_d:e+f-g=1.0+x": {
        kind: "labels",
        tests: [{ key: "gpu", is: "there" }, one("os", "none of", "linux"), one("ä/b.c_d:e+f-g", "one of", "1.0+x")],
      },
      "#ci": { kind: "tag", tag: "ci" },
      "#nächtlich_1.0-x": { kind: "tag", tag: "nächtlich_1.0-x" },
      "*": { kind: "all" },
    };
    for (const [text, atom] of Object.entries(sets)) {
      assert.deepEqual(parseServerSet(text).terms, [{ at: 0, isExclusion: false, atom }], text);
    }
  });

  it("is refused where it cannot be read, with what was expected there", () => {
    const term = /^a name, "\*", "@" and a label, or "#" and a tag$/;
    const separator = /^a "," or a blank$/;
    const refused: Record<string, readonly [number, RegExp, string]> = {
      "": [0, term, ""],
      " \n": [2, term, ""],
      ",": [0, term, ""],
      "A,,B": [2, term, ""],
      "a,": [2, term, ""],
      "a , , b": [4, term, ""],
      ",a": [0, term, ""],
      "!": [1, term, "!"],
      "a !!b": [3, term, "!!b"],
      "a ! b": [3, term, "!"],
      "&a": [0, term, "&a"],
      büro: [1, separator, "büro"],
      "a;b": [1, separator, "a;b"],
      "web-*": [4, separator, "web-*"],
      "**": [1, separator, "**"],
      "a!b": [1, separator, "a!b"],
      "a@role": [1, separator, "a@role"],
      "a]": [1, separator, "a]"],
      "!a": [2, /^a term without "!"/, "!a"],
      "!a !*": [5, /^a term without "!"/, "!*"],
      "a[": [2, /^a number or a letter$/, "a["],
      "a[]": [2, /^a number or a letter$/, "a[]"],
      "a[1-]": [4, /^a number$/, "a[1-]"],
      "a[-3]": [2, /^a number or a letter$/, "a[-3]"],
      "a[1,]": [4, /^a number$/, "a[1,]"],
      "a[1, 2]": [4, /^a number$/, "a[1,"],
      "a[1": [3, /^"-", "," or "\]"$/, "a[1"],
      "a[1 b": [3, /^"-", "," or "\]"$/, "a[1"],
      "a[1-2-3]": [5, /^"-", "," or "\]"$/, "a[1-2-3]"],
      "a[ab-c]": [3, /^"-", "," or "\]"$/, "a[ab-c]"],
      "a[1[2]]": [3, /^"-", "," or "\]"$/, "a[1[2]]"],
      "b a[1-b],c": [6, /^a number$/, "a[1-b]"],
      "a[b-1]": [4, /^a small letter$/, "a[b-1]"],
      "a[a-C]": [4, /^a small letter$/, "a[a-C]"],
      "a[A-c]": [4, /^a capital letter$/, "a[A-c]"],
      "a[1,b]": [4, /^a number$/, "a[1,b]"],
      "a[a,B]": [4, /^a small letter$/, "a[a,B]"],
      "a[ä]": [2, /^a number or a letter$/, "a[ä]"],
      "x,web-[9-1]": [7, /^an ascending range$/, "web-[9-1]"],
      "a[1,9-1]": [4, /^an ascending range$/, "a[1,9-1]"],
      "a[c-a]": [2, /^an ascending range$/, "a[c-a]"],
      "a[01-100]": [2, /^two ends with equally many digits$/, "a[01-100]"],
      "a[1-04]": [2, /^two ends with equally many digits$/, "a[1-04]"],
      "a[1234567890123456]": [2, /^a number of at most 15 digits$/, "a[1234567890123456]"],
      "@": [1, /^the key of a label$/, "@"],
      "@=web": [1, /^the key of a label$/, "@=web"],
      "@role=": [6, /^a value$/, "@role="],
      "@role!=": [7, /^a value$/, "@role!="],
      "@role=web|": [10, /^a value$/, "@role=web|"],
      "@role=|web": [6, /^a value$/, "@role=|web"],
      "@role=web*": [9, separator, "@role=web*"],
      "@role!web": [5, separator, "@role!web"],
      "@role=a=b": [7, separator, "@role=a=b"],
      "@role=web&": [10, /^"@" and a label$/, "@role=web&"],
      "@role&env=prod": [6, /^"@" and a label$/, "@role&env=prod"],
      "@role=web & @env": [10, term, "&"],
      "@role&#ci": [6, /^"@" and a label$/, "@role&#ci"],
      [`@${"k".repeat(64)}`]: [1, /^the key of a label$/, `@${"k".repeat(64)}`],
      [`@k=${"ä".repeat(32)}`]: [3, /^a value$/, `@k=${"ä".repeat(32)}`],
      "#": [1, /^a tag$/, "#"],
      "#a/b": [1, /^a tag$/, "#a/b"],
      [`#${"t".repeat(65)}`]: [1, /^a tag$/, `#${"t".repeat(65)}`],
    };
    for (const [text, [at, expected, shown]] of Object.entries(refused)) {
      const told = refusal(text);
      assert.deepEqual([told.at, told.term], [at, shown], text);
      assert.match(told.expected, expected, text);
    }
  });

  it("is told by the beginning of a term that is long", () => {
    assert.equal(refusal(`a ${"b".repeat(300)}*`).term, "b".repeat(80));
  });

  it("reads H-A, which may be a hostname, and leaves its refusal to the fleet", () => {
    const set = parseServerSet("x,H-A");
    const details = { at: 2, term: "H-A", expected: "an ascending range" };
    assert.throws(() => spelled(set), { code: "invalid_selector", details });
    const [, term] = set.terms;
    assert.ok(term?.atom.kind === "names");
    assert.deepEqual(
      namesOf(term, term.atom, (name) => name === "H-A"),
      ["H-A"],
    );
  });
});

describe("the limits of a server set", () => {
  const most = `at most ${ELEMENTS_MAX} names in all`;

  it("are counted before anything is built", () => {
    const huge: Record<string, number> = {
      "web-[1-1000000000]": 0,
      "a web-[1-999999999999999]": 2,
      [`x${"[0-999999999999999]".repeat(16)}`]: 0,
      "a[1-1001]": 0,
      "a[1-10]b[1-101]": 0,
      "a[1-500,1-501]": 0,
      "a[1-1000],b": 10,
      "a[1-600] !a[1-401]": 10,
      "* @a #b a[1-998]": 8,
    };
    for (const [text, at] of Object.entries(huge)) {
      assert.deepEqual([refusal(text).at, refusal(text).expected], [at, most], text.slice(0, 40));
    }
  });

  it("are 1000 names, 253 characters of each and 4096 bytes, and no fewer", () => {
    assert.equal(spelled(parseServerSet("a[1-1000]")).length, ELEMENTS_MAX);
    assert.equal(spelled(parseServerSet("a[1-10][0-9]b[0-9]")).length, ELEMENTS_MAX);
    assert.equal(spelled(parseServerSet("* @a #b a[1-997]")).length, ELEMENTS_MAX);
    assert.deepEqual(spelled(parseServerSet("a".repeat(253))), ["a".repeat(253)]);
    assert.equal(refusal("a".repeat(254)).expected, "a name of at most 253 characters");
    assert.equal(spelled(parseServerSet(`${"a".repeat(250)}[1-999]`)).length, 999);
    assert.equal(refusal(`${"a".repeat(250)}[1-1000]`).expected, "a name of at most 253 characters");
    assert.equal(parseServerSet(`a${" ".repeat(TEXT_MAX_BYTES - 1)}`).terms.length, 1);
    assert.deepEqual(refusal(`a${" ".repeat(TEXT_MAX_BYTES)}`).at, TEXT_MAX_BYTES);
    assert.equal(refusal("#ä".repeat(TEXT_MAX_BYTES)).at, Math.floor((TEXT_MAX_BYTES * 2) / 3));
  });
});

const word = fc.stringMatching(/^[a-z0-9._-]{1,4}$/).filter((text) => !/^[A-Z]-[A-Z]$/.test(text));
const part = fc.tuple(fc.nat(30), fc.nat(3), fc.integer({ min: 1, max: 4 })).map(([from, more, width]) => {
  const write = (n: number) => String(n).padStart(width, "0");
  const [first, last] = [write(from), write(from + more)];
  const isOne = more === 0 || first.length !== last.length;
  return isOne
    ? { text: first, names: [first] }
    : { text: `${first}-${last}`, names: numbered(from, from + more, write) };
});
const choices = fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => ({
  text: `[${parts.map(({ text }) => text).join(",")}]`,
  names: parts.flatMap(({ names }) => names),
}));
const names = fc.array(fc.tuple(word, choices), { minLength: 1, maxLength: 2 }).map((pieces) => ({
  text: pieces.map(([before, { text }]) => before + text).join(""),
  names: pieces.reduce<string[]>(
    (made, [before, { names }]) => made.flatMap((beginning) => names.map((name) => beginning + before + name)),
    [""],
  ),
}));

describe("any server set", () => {
  it("spells out what its parts do, each with each", () => {
    fc.assert(
      fc.property(
        fc.array(names, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(" ", ",", " , "),
        (terms, between) => {
          const set = parseServerSet(terms.map(({ text }) => text).join(between));
          assert.deepEqual(
            spelled(set),
            terms.flatMap(({ names }) => names),
          );
        },
      ),
    );
  });

  it("is read or refused with a place within it, whatever it is", () => {
    const pieces = fc.constantFrom(
      ..."aAzZ019-._[],!*@#&|= \n",
      "[1-3]",
      "A-H",
      "H-A",
      "@k=v",
      "!=",
      "#t",
      "99999999",
      "ä",
      "😀",
      "\ud83d",
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary-ascii" }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          assert.ok(parseServerSet(text).terms.some(({ isExclusion }) => !isExclusion));
        } catch (thrown) {
          if (!(thrown instanceof FleettyError)) throw thrown;
          refusal(text);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
