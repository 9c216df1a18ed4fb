// What a coloured build prints: lines of 40 to 80 columns in the colours and weights that build tools use, the same every
// time. Knows nothing of who prints them.

const KINDS = [
  (n: number) =>
    `\x1b[32m[${n % 97}/97]\x1b[0m Building CXX object \x1b[1msrc/core/session-${n}.cpp.o\x1b[0m in ${n % 900} ms`,
  (n: number) =>
    `\x1b[32m[${n % 97}/97]\x1b[0m \x1b[38;5;39mLinking\x1b[0m static library \x1b[4mlib/libcore-${n % 31}.a\x1b[24m`,
  (n: number) =>
    `src/core/ring-${n % 57}.cpp:${n}:12: \x1b[1;35mwarning:\x1b[0m unused parameter \x1b[1m'offset'\x1b[0m [-W]`,
  (n: number) =>
    `  ${n} |   \x1b[38;2;86;156;214mauto\x1b[0m end = \x1b[33mposition\x1b[0m(at, \x1b[36m${n}\x1b[0m) + \x1b[7m offset \x1b[27m;`,
] as const;

/** Ends each line but the last with a newline. */
export function colouredLog(lines: number): string {
  return Array.from({ length: lines }, (_, n) => (KINDS[n % KINDS.length] as (n: number) => string)(n)).join("\n");
}
