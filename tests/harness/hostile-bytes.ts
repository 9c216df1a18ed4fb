// What a terminal may be sent by a program that means harm, or by one that was fed a wrong file: each case by what it tries.
// Knows bytes only.

const ESC = "\x1b";
const MIB = 1024 * 1024;

/** Everything of 0x00 to 0xff, in an order that begins and breaks off characters and sequences. */
function everyByte(times: number): Buffer {
  return Buffer.from(Array.from({ length: 256 * times }, (_, at) => (at * 167 + (at >> 8)) & 0xff));
}

export const hostile: Readonly<Record<string, string | Buffer>> = {
  "a title with control characters": `${ESC}]2;rm -rf\n\r${ESC}[31m\x07${ESC}]0;\x9b31mred\x07`,
  "a title of 4 MiB": `${ESC}]2;${"t".repeat(4 * MIB)}\x07`,
  "a device control string of 4 MiB": `${ESC}P1$t${"d".repeat(4 * MIB)}${ESC}\\`,
  "strings that never end": `${ESC}]2;${"x".repeat(MIB)}${ESC}_${"y".repeat(MIB)}${ESC}^${"z".repeat(MIB)}`,
  "the selection, to be set and read": `${ESC}]52;c;${Buffer.alloc(MIB, "c").toString("base64")}\x07${ESC}]52;c;?\x07`,
  "100,000 hyperlinks": Array.from({ length: 100_000 }, (_, n) => `${ESC}]8;id=${n};file:///${n}\x07l`).join(""),
  "a million parameters": `${ESC}[${"1;".repeat(1_000_000)}m`,
  "counts beyond all bounds": ["b", "L", "M", "P", "@", "S", "T", "X", "I", "Z", "A", "B", "C", "D", "d", "G"]
    .map((final) => `x${ESC}[4294967296${final}${ESC}[2147483647${final}`)
    .join(""),
  "margins, origins and saved cursors beyond the screen": `${ESC}[0;99999r${ESC}[?6h${ESC}[99999;99999H${ESC}7${ESC}[5;2r${ESC}8`,
  "a line of 10,000 wide characters": "漢".repeat(10_000),
  "a million combining marks on one letter": `e${"\u0301".repeat(1_000_000)}`,
  "buffers switched 20,000 times": `${ESC}[?1049hx${ESC}[?1049l${ESC}[?47hy${ESC}[?47l`.repeat(10_000),
  "every byte there is, 2,000 times": everyByte(2_000),
  "overlong, surrogate and unfinished characters": Buffer.from(
    "c080e08080f0808080eda080edbfbff4908080fffec2e28282f09f98".repeat(1_000),
    "hex",
  ),
};

/** Questions, and what a terminal of 80 by 24 answers to them, whatever was printed before: constants and its own numbers. */
export const questions: Readonly<Record<string, { readonly asks: string; readonly answer: string }>> = {
  "what it is": { asks: `${ESC}[c${ESC}[>c`, answer: `${ESC}[?1;2c${ESC}[>0;276;0c` },
  "how it is": { asks: `${ESC}[5n`, answer: `${ESC}[0n` },
  "where the cursor is": { asks: `${ESC}[r${ESC}[?6l${ESC}[3;4H${ESC}[6n`, answer: `${ESC}[3;4R` },
  "its colours": { asks: `${ESC}]11;red\x07${ESC}]11;?\x07`, answer: `${ESC}]11;rgb:0000/0000/0000${ESC}\\` },
  "what was put there: title, selection, font, settings, capabilities, a checksum, the answerback": {
    asks: `${ESC}]2;reboot\x07${ESC}[21t${ESC}[20t${ESC}]52;c;cmVib290\x07${ESC}]52;c;?\x07${ESC}]50;?\x07${ESC}P$qm${ESC}\\${ESC}P+q544e${ESC}\\${ESC}[1;1;1;1;2;2*y\x05`,
    answer: "",
  },
};
