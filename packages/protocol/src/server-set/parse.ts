// Reads the text of a server set to its tree, or says where it cannot and what was expected there. What it spells out is
// counted and not built, so that a range over thousands of millions costs nothing.
//
// What the grammar leaves open is decided for the careful reading, since sets start commands: a text without a term, a
// comma with nothing on one side, a set of exclusions only and an empty value of a label (a variable that was not set?)
// are refused, as is a character that no name has (`web-*` is no pattern).
import { isLabelWord, isTag } from "../names.ts";
import { parseNames } from "./parse-names.ts";
import { Scanner } from "./scanner.ts";
import { type Atom, ELEMENTS_MAX, type LabelTest, type ServerSet, TEXT_MAX_BYTES, type Term } from "./server-set.ts";

/** What no separator, operator or sign of the grammar ends. */
const WORD = /[^ \t\r\n,!&|=@#*[\]]*/y;
const NAME_BEGINS = /[A-Za-z0-9._[-]/;

/** Throws `invalid_selector {at, expected, term}`; `at` counts UTF-16 units. */
export function parseServerSet(text: string): ServerSet {
  const scanner = new Scanner(text);
  requireShort(scanner);
  const terms: Term[] = [];
  let elements = 0;
  scanner.blanks();
  do {
    const { count, ...term } = parseTerm(scanner);
    elements += count;
    if (elements > ELEMENTS_MAX) scanner.expected(`at most ${ELEMENTS_MAX} names in all`, term.at);
    terms.push(term);
  } while (separator(scanner));
  if (terms.every(({ isExclusion }) => isExclusion)) scanner.expected('a term without "!", from which to take away');
  return { text, terms };
}

/** Encodes no more than is allowed, and so finds the first character that is too much. */
function requireShort(scanner: Scanner): void {
  const { read } = new TextEncoder().encodeInto(scanner.text, new Uint8Array(TEXT_MAX_BYTES));
  if (read < scanner.text.length) scanner.expected(`the end, after at most ${TEXT_MAX_BYTES} bytes`, read);
}

/** Whether another term has to follow. */
function separator(scanner: Scanner): boolean {
  const before = scanner.at;
  scanner.blanks();
  if (scanner.isAtEnd) return false;
  if (scanner.take(",")) scanner.blanks();
  else if (scanner.at === before) scanner.expected('a "," or a blank');
  return true;
}

function parseTerm(scanner: Scanner): Term & { count: number } {
  scanner.beginTerm();
  const isExclusion = scanner.take("!");
  const at = scanner.at;
  return { at, isExclusion, ...parseAtom(scanner) };
}

function parseAtom(scanner: Scanner): { atom: Atom; count: number } {
  if (scanner.take("*")) return { atom: { kind: "all" }, count: 1 };
  if (scanner.take("#")) return { atom: { kind: "tag", tag: word(scanner, "a tag", isTag) }, count: 1 };
  if (scanner.next === "@") return { atom: { kind: "labels", tests: labelTests(scanner) }, count: 1 };
  if (NAME_BEGINS.test(scanner.next)) return parseNames(scanner);
  return scanner.expected('a name, "*", "@" and a label, or "#" and a tag');
}

function labelTests(scanner: Scanner): LabelTest[] {
  const tests: LabelTest[] = [];
  do {
    if (!scanner.take("@")) scanner.expected('"@" and a label');
    tests.push(labelTest(scanner));
  } while (scanner.take("&"));
  return tests;
}

function labelTest(scanner: Scanner): LabelTest {
  const key = word(scanner, "the key of a label", isLabelWord);
  const is = scanner.take("!=") ? "none of" : scanner.take("=") ? "one of" : "there";
  if (is === "there") return { key, is };
  const values = new Set<string>();
  do values.add(word(scanner, "a value", isLabelWord));
  while (scanner.take("|"));
  return { key, is, values };
}

function word(scanner: Scanner, what: string, isUsable: (text: string) => boolean): string {
  const at = scanner.at;
  const found = scanner.run(WORD);
  return isUsable(found) ? found : scanner.expected(what, at);
}
