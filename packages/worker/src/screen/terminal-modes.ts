// Tells the modes that a program has put its terminal into, as far as others act on them: how keys, pastes, focus and
// the mouse are to be sent, and what is shown.
import type { Core } from "./xterm-core.ts";

export type MouseTracking = "none" | "x10" | "vt200" | "drag" | "any";
export type MouseEncoding = "default" | "sgr" | "sgr_pixels";

export interface TerminalModes {
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReporting: boolean;
  readonly mouseTracking: MouseTracking;
  readonly mouseEncoding: MouseEncoding;
  readonly alternate: boolean;
  readonly cursorVisible: boolean;
  readonly cursorStyle: "block" | "underline" | "bar";
  readonly cursorBlink: boolean;
  readonly insert: boolean;
  readonly origin: boolean;
  readonly wraparound: boolean;
  readonly reverseWraparound: boolean;
  /** Line feed also returns the carriage. */
  readonly newLine: boolean;
}

export function terminalModes(core: Core): TerminalModes {
  const { decPrivateModes, modes, isCursorHidden } = core.coreService;
  const { activeProtocol, activeEncoding } = core.coreMouseService;
  return {
    applicationCursor: decPrivateModes.applicationCursorKeys,
    applicationKeypad: decPrivateModes.applicationKeypad,
    bracketedPaste: decPrivateModes.bracketedPasteMode,
    focusReporting: decPrivateModes.sendFocus,
    mouseTracking: activeProtocol.toLowerCase() as MouseTracking,
    mouseEncoding: activeEncoding.toLowerCase() as MouseEncoding,
    alternate: core.buffers.active === core.buffers.alt,
    cursorVisible: !isCursorHidden,
    cursorStyle: decPrivateModes.cursorStyle ?? "block",
    cursorBlink: decPrivateModes.cursorBlink ?? core.options.cursorBlink,
    insert: modes.insertMode,
    origin: decPrivateModes.origin,
    wraparound: decPrivateModes.wraparound,
    reverseWraparound: decPrivateModes.reverseWraparound,
    newLine: core.options.convertEol,
  };
}
