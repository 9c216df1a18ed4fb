// Says how many columns a character takes. The core's own table is of Unicode 6: it lays emoji out in one column, while
// the programs that draw (glibc's wcwidth, vim, tmux, readline) count two, which breaks every line with one in it.
// Wide is what Unicode calls East Asian wide, which emoji with emoji presentation are; combining takes no column.

/** What the core asks of a width table. Properties: bit 0 joins the character before, bits 1 and 2 the width. */
export interface WidthProvider {
  readonly version: string;
  wcwidth(codePoint: number): 0 | 1 | 2;
  charProperties(codePoint: number, preceding: number): number;
}

const PLANE_BITS = 16;
const PLANE_SIZE = 1 << PLANE_BITS;
/** EastAsianWidth.txt of Unicode 16, W and F, without what Emoji_Presentation covers. */
const EAST_ASIAN_WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f251}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}/u;
/** A flag is two of these, one column each for wcwidth. */
const REGIONAL_INDICATOR = /\p{Regional_Indicator}/u;
/** Hangul vowels and finals (1160..11FF) stand on the first letter of their syllable. */
const COMBINING = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
/** Below it only controls take no column, and the soft hyphen is shown. */
const FIRST_COMBINING = 0x300;

/** Of printable ASCII, the hot path. */
const ASCII_END = 0x7f;
const ONE_COLUMN = 1 << 1;

/** One byte per character, a plane at a time: made when a character of it is first seen, shared by all screens. */
const planes: (Uint8Array | undefined)[] = [];

export const WIDTHS: WidthProvider = {
  version: "fleetty",
  wcwidth,
  charProperties(codePoint, preceding) {
    if (codePoint < ASCII_END) return codePoint < 0x20 ? 0 : ONE_COLUMN;
    const width = wcwidth(codePoint);
    const precedingWidth = (preceding >> 1) & 3;
    if (width > 0 || precedingWidth === 0) return width << 1;
    return (precedingWidth << 1) | 1;
  },
};

function wcwidth(codePoint: number): 0 | 1 | 2 {
  const plane = codePoint >> PLANE_BITS;
  const widths = planes[plane] ?? makePlane(plane);
  return widths[codePoint & (PLANE_SIZE - 1)] as 0 | 1 | 2;
}

function makePlane(plane: number): Uint8Array {
  const widths = Uint8Array.from({ length: PLANE_SIZE }, (_, index) => measure((plane << PLANE_BITS) | index));
  planes[plane] = widths;
  return widths;
}

function measure(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0;
  if (codePoint < FIRST_COMBINING) return 1;
  const character = String.fromCodePoint(codePoint);
  if (COMBINING.test(character)) return 0;
  if (EAST_ASIAN_WIDE.test(character)) return 2;
  return EMOJI.test(character) && !REGIONAL_INDICATOR.test(character) ? 2 : 1;
}
