// Holds what is painted in an overlay or a panel, without members that are at their default, and the bounds of it. Pure.
import type { PaintSpan, RegionWrite } from "@fleetty/protocol/schemas/elements";

/** Colours and attributes that are set. */
type Set<Look extends object> = Omit<Look, "bold" | "italic" | "underline"> & {
  readonly [Attribute in "bold" | "italic" | "underline"]?: true;
};

export type Span = Set<PaintSpan>;
export type Write = Set<RegionWrite>;

/** A bound that is broken, in the words of a refusal. */
export interface Excess {
  readonly limit: string;
  readonly max: number;
}

/** Of one element (public limits). */
const PIECES_MAX = 4096;
/** Of one span or text at a place, in UTF-8. */
const TEXT_MAX_BYTES = 64 * 1024;

/** The same without attributes that are not set. */
export function plain<Piece extends PaintSpan | RegionWrite>(piece: Piece): Set<Piece> {
  const kept = Object.entries(piece).filter(([, value]) => value !== false && value !== undefined);
  return Object.fromEntries(kept) as Set<Piece>;
}

/** Each span that has the id of a given one has its text and look too; of several given ones with one id the last counts. */
export function replaceById(spans: readonly Span[], given: readonly PaintSpan[]): readonly Span[] {
  const byId = new Map(given.flatMap((span) => (span.id === undefined ? [] : [[span.id, plain(span)]])));
  return spans.map((span) => (span.id === undefined ? span : (byId.get(span.id) ?? span)));
}

/** Null where all of it may be painted. */
export function excessOf(pieces: readonly { readonly text: string }[], what: "spans" | "region_writes"): Excess | null {
  if (pieces.length > PIECES_MAX) return { limit: `${what}_per_element`, max: PIECES_MAX };
  const isLong = pieces.some(({ text }) => Buffer.byteLength(text) > TEXT_MAX_BYTES);
  return isLong ? { limit: "text_bytes", max: TEXT_MAX_BYTES } : null;
}
