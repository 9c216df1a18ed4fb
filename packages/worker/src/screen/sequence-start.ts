// Finds where in a piece of output the last escape sequence begins. An introducer begins a new one wherever it stands, so
// if the parser is within a sequence at the end, it is this one (DEC's parser as drawn by Paul Williams, vt100.net).

const ESC = 0x1b;
/** In UTF-8 the one-byte introducers DCS, SOS, CSI, OSC, PM and APC (ECMA-48) have this byte before them. */
const C1_LEAD = 0xc2;
const C1_INTRODUCERS: readonly number[] = [0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f];

/** Index of the last introducer in `bytes`, which are whole characters; -1 for none. */
export function lastIntroducer(bytes: Uint8Array): number {
  const escapeAt = bytes.lastIndexOf(ESC);
  let lead = bytes.lastIndexOf(C1_LEAD);
  while (lead > escapeAt) {
    if (C1_INTRODUCERS.includes(bytes[lead + 1] as number)) return lead;
    lead = bytes.subarray(0, lead).lastIndexOf(C1_LEAD);
  }
  return escapeAt;
}
