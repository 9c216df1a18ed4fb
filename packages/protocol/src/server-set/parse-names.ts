// Reads the names of a server set: one word, or words and brackets that spell out many, or two capital letters. Counts
// what they come to before anything is built.
//
// Zeros that are written are kept: `[01-04]` is 01 to 04. An end with such zeros and another with more or fewer digits is
// refused, since tools differ in what they make of `[01-100]`.
import type { Scanner } from "./scanner.ts";
import { NAME_MAX_LENGTH, type NamesAtom, type Piece, type Span } from "./server-set.ts";

const WORD = /[A-Za-z0-9._-]+/y;
const DIGITS_OR_LETTER = /[0-9]+|[A-Za-z]/y;
const LETTERS = /^([A-Z])-([A-Z])$/;
/** Such numbers are exact. */
const DIGITS_MAX = 15;

/** The atom, and how many names it spells out, which may be very many. */
export function parseNames(scanner: Scanner): { atom: NamesAtom; count: number } {
  const at = scanner.at;
  const pieces = piecesOf(scanner);
  const text = scanner.text.slice(at, scanner.at);
  const atom = asLetters(text) ?? { kind: "names", text, pieces, isReversed: false };
  if (longest(pieces) > NAME_MAX_LENGTH) scanner.expected(`a name of at most ${NAME_MAX_LENGTH} characters`, at);
  return { atom, count: product(atom.pieces) };
}

function piecesOf(scanner: Scanner): Piece[] {
  const pieces: Piece[] = [];
  for (;;) {
    const word = scanner.run(WORD);
    if (word !== "") pieces.push(word);
    if (!scanner.take("[")) return pieces;
    pieces.push(bracket(scanner));
  }
}

/** A-H; H-A too, which is refused when no server is called so. */
function asLetters(text: string): NamesAtom | null {
  const [, first, last] = LETTERS.exec(text) ?? [];
  if (first === undefined || last === undefined) return null;
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
  const isReversed = to < from;
  const pieces: Piece[] = isReversed ? [text] : [[{ kind: "upper", from, to, width: 1 }]];
  return { kind: "names", text, pieces, isReversed };
}

/** Behind the opening bracket. */
function bracket(scanner: Scanner): Span[] {
  const spans: Span[] = [];
  do spans.push(span(scanner, spans[0]?.kind));
  while (scanner.take(","));
  if (!scanner.take("]")) scanner.expected('"-", "," or "]"');
  return spans;
}

/** `kind` is that of the bracket's first span, which all have. */
function span(scanner: Scanner, kind: Span["kind"] | undefined): Span {
  const at = scanner.at;
  const first = end(scanner, kind);
  const last = scanner.take("-") ? end(scanner, first.kind) : first;
  if (last.value < first.value) scanner.expected("an ascending range", at);
  const isPadded = first.hasZeros || last.hasZeros;
  if (isPadded && first.width !== last.width) scanner.expected("two ends with equally many digits", at);
  return { kind: first.kind, from: first.value, to: last.value, width: first.width };
}

interface End {
  readonly kind: Span["kind"];
  readonly value: number;
  readonly width: number;
  readonly hasZeros: boolean;
}

const WANTED: Readonly<Record<Span["kind"] | "any", string>> = {
  any: "a number or a letter",
  number: "a number",
  upper: "a capital letter",
  lower: "a small letter",
};

function end(scanner: Scanner, wanted: Span["kind"] | undefined): End {
  const at = scanner.at;
  const text = scanner.run(DIGITS_OR_LETTER);
  const kind = kindOf(text);
  if (kind === null || (wanted !== undefined && kind !== wanted)) {
    return scanner.expected(WANTED[wanted ?? "any"], at);
  }
  if (text.length > DIGITS_MAX) scanner.expected(`a number of at most ${DIGITS_MAX} digits`, at);
  const value = kind === "number" ? Number(text) : text.charCodeAt(0);
  return { kind, value, width: text.length, hasZeros: text.length > 1 && text.startsWith("0") };
}

function kindOf(text: string): Span["kind"] | null {
  if (text === "") return null;
  if (/^\d/.test(text)) return "number";
  return text < "a" ? "upper" : "lower";
}

function product(pieces: readonly Piece[]): number {
  return pieces.reduce((count, piece) => count * (typeof piece === "string" ? 1 : sizeOf(piece)), 1);
}

function sizeOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** Of the names that the pieces spell out. */
function longest(pieces: readonly Piece[]): number {
  const widest = ({ kind, to, width }: Span) => (kind === "number" ? Math.max(width, String(to).length) : 1);
  const lengths = pieces.map((piece) => (typeof piece === "string" ? piece.length : Math.max(...piece.map(widest))));
  return lengths.reduce((sum, length) => sum + length, 0);
}
