// Finds where a command's output ends within the bytes up to its end mark: zsh shows a line that lacks its line feed
// before it calls any hook, so that is in between. Pure.
//
// zsh (PROMPT_SP, utils.c preprompt): the mark (PROMPT_EOL_MARK, by default an inverse %), so many blanks that mark and
// blanks fill the line (one less on terminals that wrap at once), CR, a blank per column of the mark, CR. fish shows its
// own after its end mark; no other shell has one.

/** No terminal of ours is narrower than what a mark and these need; shorter runs are a program's own. */
const BLANKS_MIN = 8;
const MARK_MAX_COLUMNS = 16;
const PADDING = / {8,}\r( {0,16})\r$/;
/** Colours and weights around the mark, and terminfo's sgr0 of xterm. */
const STYLE = String.raw`(?:\x1b\[[0-9;]*m|\x1b\(B|\x0f)*`;
/** One in UTF-8, printed and not blank. */
const CHARACTER = String.raw`(?:[\x21-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3})`;
/** A line is at most 1000 columns wide. */
export const TAIL_MAX_BYTES = 1000 + 8 * MARK_MAX_COLUMNS + 256;

/** Length of the output itself. `bytes` end where the shell's end mark begins. */
export function outputEnd(bytes: Uint8Array): number {
  const tailAt = Math.max(0, bytes.length - TAIL_MAX_BYTES);
  const tail = Buffer.from(bytes.subarray(tailAt)).toString("latin1");
  const columns = PADDING.exec(tail)?.[1]?.length;
  if (columns === undefined) return bytes.length;
  const mark = `${STYLE}(?:${CHARACTER}${STYLE}){${columns}}`;
  const marker = new RegExp(`${mark} {${BLANKS_MIN},}\\r {${columns}}\\r$`).exec(tail);
  return marker ? tailAt + marker.index : bytes.length;
}
