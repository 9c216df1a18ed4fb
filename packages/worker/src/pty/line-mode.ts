// Asks the kernel how a terminal hands on what is typed: in lines that it edits and echoes, or as it comes. By tcgetattr(3)
// through node:ffi, since Node itself cannot ask. Knows no session; decides nothing.
import { isBuiltin } from "node:module";

/** What is known of a terminal's input just now. */
export interface LineMode {
  /** ICANON: the kernel collects a line and hands it on at its end. False: raw, every byte at once. */
  readonly isOn: boolean;
  /** ECHO: what is typed is shown. In line mode without it, a secret is being asked for. */
  readonly echoes: boolean;
}

type TcGetAttr = (fd: number, termios: Uint32Array) => number;

/**
 * `struct termios` of Linux on x64 and arm64, in glibc and musl alike (<bits/termios-struct.h>): four words of flags, of
 * which the local ones are the last, then 44 bytes that nobody here looks at.
 */
const TERMIOS_WORDS = 16;
const LOCAL_FLAGS = 3;
/** <asm-generic/termbits.h>, which both architectures use. */
const ICANON = 0x2;
const ECHO = 0x8;
const KNOWN_LAYOUT = ["x64", "arm64"];

const termios = new Uint32Array(TERMIOS_WORDS);
let loaded: TcGetAttr | null | undefined;

/** Whether it can be asked here at all. Loads nothing: node:ffi warns on standard error as it is loaded. */
export function canAskLineMode(): boolean {
  return process.platform === "linux" && KNOWN_LAYOUT.includes(process.arch) && isBuiltin("node:ffi");
}

/** Null where it cannot be asked: another platform, a Node without node:ffi, or a terminal that is gone. */
export function lineModeOf(slaveFd: number | null): LineMode | null {
  if (loaded === undefined) loaded = load();
  if (slaveFd === null || loaded === null || loaded(slaveFd, termios) !== 0) return null;
  const flags = termios[LOCAL_FLAGS] as number;
  return { isOn: (flags & ICANON) !== 0, echoes: (flags & ECHO) !== 0 };
}

function load(): TcGetAttr | null {
  if (!canAskLineMode()) return null;
  const ffi = process.getBuiltinModule("node:ffi");
  const signature = { return: "i32", arguments: ["i32", "pointer"] } as const;
  return ffi.dlopen(null, { tcgetattr: signature }).functions.tcgetattr as TcGetAttr;
}
