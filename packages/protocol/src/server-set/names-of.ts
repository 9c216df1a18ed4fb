// Spells out the names of an atom: ranges ascending, the last bracket fastest. Its parser has counted them, so that they
// are few. Knows no fleet but whether somebody is called as it is written, which comes before any range.
import { invalidSelector } from "./scanner.ts";
import type { NamesAtom, Piece, Span, Term } from "./server-set.ts";

/** Throws `invalid_selector` for a reversed range (H-A) that is nobody's name. */
export function namesOf({ at }: Term, atom: NamesAtom, isCalled: (name: string) => boolean): readonly string[] {
  if (isCalled(atom.text)) return [atom.text];
  if (atom.isReversed) throw invalidSelector({ at, expected: "an ascending range", term: atom.text });
  return atom.pieces.reduce<string[]>(
    (beginnings, piece) => {
      const choices = choicesOf(piece);
      return beginnings.flatMap((beginning) => choices.map((choice) => beginning + choice));
    },
    [""],
  );
}

function choicesOf(piece: Piece): readonly string[] {
  return typeof piece === "string" ? [piece] : piece.flatMap(spelled);
}

function spelled({ kind, from, to, width }: Span): string[] {
  const values = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  if (kind !== "number") return values.map((code) => String.fromCharCode(code));
  return values.map((value) => String(value).padStart(width, "0"));
}
