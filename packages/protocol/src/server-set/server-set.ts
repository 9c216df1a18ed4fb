// Holds the syntax tree of a server set, the text that names servers of a fleet, and its limits:
//
//   set    = term { separator term }                  separator = blanks, or one comma with or without blanks around it
//   term   = [ "!" ] atom
//   atom   = "*" | names | letters | label { "&" label } | "#" tag
//   names  = one or more of: word, "[" part { "," part } "]"
//   part   = n | n "-" n | letter | letter "-" letter    numbers only or letters of one case only, within one bracket
//   letters= upper "-" upper                             on its own: A-H
//   label  = "@" key [ ("=" | "!=") value { "|" value } ]
//
// A blank is a space, a tab or a line end. There is none within a term, also not behind "!", around "&" or in brackets.
// Knows no fleet: what a name means, and whether A-H is a range or somebody's hostname, is decided when it is resolved.

/** Of the text in UTF-8. */
export const TEXT_MAX_BYTES = 4096;
/** Names that a set spells out, each of "*", labels and tags counted as one, repetitions counted too. */
export const ELEMENTS_MAX = 1000;
/** Of a hostname (RFC 1123), and so of a name in a set. */
export const NAME_MAX_LENGTH = 253;

export interface ServerSet {
  readonly text: string;
  /** One or more, in the order of the text; at least one adds. */
  readonly terms: readonly Term[];
}

export interface Term {
  /** Where its atom begins in the text, in UTF-16 units; behind the "!". */
  readonly at: number;
  readonly isExclusion: boolean;
  readonly atom: Atom;
}

export type Atom =
  | { readonly kind: "all" }
  | NamesAtom
  | { readonly kind: "labels"; readonly tests: readonly LabelTest[] }
  | { readonly kind: "tag"; readonly tag: string };

/** Names that are spelled out: one, or as many as the product of its pieces' choices. */
export interface NamesAtom {
  readonly kind: "names";
  /** As written, for a server that is called exactly so. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** H-A is no range, and yet may be somebody's name: refused when it turns out to be nobody's. */
  readonly isReversed: boolean;
}

/** What a name is made of: text, or a choice between what the spans hold. */
export type Piece = string | readonly Span[];

/** Numbers from … to, padded with zeros to `width`; or the characters with the codes from … to. Both ends included. */
export interface Span {
  readonly kind: "number" | "upper" | "lower";
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** A server passes all tests of its atom. */
export type LabelTest =
  | { readonly key: string; readonly is: "there" }
  | { readonly key: string; readonly is: "one of" | "none of"; readonly values: ReadonlySet<string> };
