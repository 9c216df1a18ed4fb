// The programs that sessions and peers run alike, as program and arguments. All of them wait until they are ended.

type Program = readonly [file: string, args: string[]];

/** Takes every byte as it comes and prints nothing. */
export const SWALLOW: Program = ["sh", ["-c", "stty raw -echo; exec cat >/dev/null"]];

/** As `SWALLOW`, and wants pastes in brackets, which it has when it prints `ready`. */
export const SWALLOW_PASTES: Program = [
  "sh",
  ["-c", "stty raw -echo; printf '\\033[?2004hready'; exec cat >/dev/null"],
];

/** Prints `ready`, then every byte as it comes. */
export const ECHO: Program = ["sh", ["-c", "stty raw -echo; printf ready; exec cat"]];

/** Prints nothing, takes nothing. */
export const SLEEP: Program = ["sleep", ["1000000"]];

/** A shell that waits at a short prompt of its own. */
export const SHELL: Program = ["env", ["PS1=ready$ ", "bash", "--norc", "--noprofile"]];

/** As an operation wants it. */
export function argv([file, args]: Program): string[] {
  return [file, ...args];
}
