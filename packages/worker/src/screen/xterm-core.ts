// Opens the emulator's core. The only file that reaches behind the public face of @xterm/headless (6.0.0, pinned), for
// four things that the face lacks and a host of hundreds of screens needs: bytes taken synchronously (the public write
// defers to a timer), cells read as the numbers that they are, state that a repaint must carry (pen, margins, saved
// cursor, character sets), and less memory. Knows nothing of epochs, spans or sessions.
import xterm from "@xterm/headless";
import { WIDTHS, type WidthProvider } from "./character-width.ts";

/** Colours and flags as the core packs them; see cell.ts. */
export interface CoreAttributes {
  readonly fg: number;
  readonly bg: number;
  readonly extended: CoreExtended;
}

export interface CoreExtended {
  readonly underlineStyle: number;
  readonly underlineColor: number;
}

/** A row of cells: three numbers (content, fg, bg) per column; text of several code points and underline styles aside. */
export interface CoreLine {
  readonly _data: Uint32Array;
  readonly _combined: Readonly<Record<number, string>>;
  readonly _extendedAttrs: Readonly<Record<number, CoreExtended | undefined>>;
  isWrapped: boolean;
}

interface CoreLines {
  readonly length: number;
  get(index: number): CoreLine | undefined;
  push(line: CoreLine): void;
  /** Tells how many of the oldest lines are let go, before the last of them is used for a new one. */
  onTrim(listener: (count: number) => void): { dispose(): void };
  readonly _startIndex: number;
  readonly _length: number;
  readonly _array: unknown[];
}

export type CoreCharset = Readonly<Record<string, string>> | undefined;

export interface CoreBuffer {
  readonly lines: CoreLines;
  /** Lines above the view. */
  ybase: number;
  /** First line shown; always `ybase` here, as nobody scrolls this view. */
  ydisp: number;
  /** Column of the cursor; equal to the number of columns when the next character wraps. */
  readonly x: number;
  readonly y: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean | undefined>>;
  readonly savedX: number;
  /** Counted from the top of the scrollback. */
  savedY: number;
  readonly savedCurAttrData: CoreAttributes;
  readonly savedCharset: CoreCharset;
  getBlankLine(attributes: CoreAttributes): CoreLine;
}

export interface CoreParams {
  readonly length: number;
  readonly params: Int32Array;
}

export interface SequenceId {
  readonly prefix?: string;
  readonly intermediates?: string;
  readonly final: string;
}

/** Takes the text of an OSC as code points, piece by piece. */
export interface CoreOscHandler {
  start(): void;
  put(data: Uint32Array, start: number, end: number): void;
  end(isComplete: boolean): boolean;
}

export interface CoreParser {
  /** 0 between two sequences. */
  readonly currentState: number;
  /** Not 0 while the last thing parsed is a printed character, which a combining one may join. */
  readonly precedingJoinState: number;
  reset(): void;
  /** The newest handler is asked first; true ends the asking. */
  registerCsiHandler(id: SequenceId, handler: (params: CoreParams) => boolean): unknown;
  registerEscHandler(id: SequenceId, handler: () => boolean): unknown;
  registerOscHandler(ident: number, handler: CoreOscHandler): unknown;
  setPrintHandler(handler: (data: Uint32Array, start: number, end: number) => void): void;
  clearOscHandler(ident: number): void;
  clearDcsHandler(id: SequenceId): void;
}

export interface CoreInputHandler {
  _parseBuffer: Uint32Array;
  readonly _parser: CoreParser;
  readonly _curAttrData: CoreAttributes;
  parse(bytes: Uint8Array): void;
  print(data: Uint32Array, start: number, end: number): void;
  _resetBufferLine(row: number, respectsProtection: boolean): void;
}

export interface Core {
  readonly cols: number;
  readonly rows: number;
  readonly buffers: {
    readonly active: CoreBuffer;
    readonly normal: CoreBuffer;
    readonly alt: CoreBuffer;
    onBufferActivate(listener: () => void): unknown;
  };
  readonly coreService: {
    isCursorHidden: boolean;
    readonly modes: { readonly insertMode: boolean };
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean;
      readonly applicationKeypad: boolean;
      readonly bracketedPasteMode: boolean;
      readonly cursorBlink: boolean | undefined;
      readonly cursorStyle: "block" | "underline" | "bar" | undefined;
      readonly origin: boolean;
      readonly reverseWraparound: boolean;
      readonly sendFocus: boolean;
      readonly wraparound: boolean;
    };
  };
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string };
  readonly unicodeService: { register(provider: WidthProvider): void; activeVersion: string };
  readonly options: { convertEol: boolean; cursorBlink: boolean };
  readonly _charsetService: {
    readonly charset: CoreCharset;
    readonly glevel: number;
    readonly _charsets: readonly CoreCharset[];
  };
  readonly _inputHandler: CoreInputHandler;
  onData(listener: (text: string) => void): unknown;
  resize(cols: number, rows: number): void;
  dispose(): void;
}

/** Most bytes of one call of `parse`: what the shared buffer holds as code points. */
export const PARSE_MAX_BYTES = 65_536;
/**
 * Code points being parsed. Parsing never pauses, so all screens of the process share one buffer; of its own, each
 * would keep 16 KiB, and 512 KiB from its first big piece on.
 */
const PARSE_BUFFER = new Uint32Array(PARSE_MAX_BYTES);

export interface CoreOptions {
  readonly cols: number;
  readonly rows: number;
  readonly scrollbackLines: number;
}

export function openCore(options: CoreOptions): Core {
  const { cols, rows, scrollbackLines: scrollback } = options;
  const terminal = new xterm.Terminal({ cols, rows, scrollback, logLevel: "off" });
  // The public face is let go: its option accessors alone are a tenth of a fresh screen's memory.
  const core = (terminal as unknown as { _core: Core })._core;
  core._inputHandler._parseBuffer = PARSE_BUFFER;
  core.unicodeService.register(WIDTHS);
  core.unicodeService.activeVersion = WIDTHS.version;
  releaseUnusedSlots(core);
  core.buffers.onBufferActivate(() => releaseUnusedSlots(core));
  return core;
}

/** Takes bytes at once. They are whole characters of valid UTF-8, at most PARSE_MAX_BYTES. */
export function parse(core: Core, bytes: Uint8Array): void {
  core._inputHandler.parse(bytes);
}

/**
 * Fits the core to a new size; columns below 2 are taken as 2. Narrows in steps that at most double the rows of a line: of
 * more than it can keep, the core writes the oldest over the newest, or throws.
 */
export function resizeCore(core: Core, cols: number, rows: number): void {
  for (let next = halved(core.cols); next > Math.max(cols, 2); next = halved(next)) core.resize(next, rows);
  core.resize(cols, rows);
  releaseUnusedSlots(core);
  completeView(core, core.buffers.active);
}

/** One more than half: a wide character can leave the last column of each row empty. */
function halved(cols: number): number {
  return Math.floor(cols / 2) + 1;
}

/** With little or no scrollback, wrapping lines anew can leave the core fewer lines than its view has rows. */
function completeView(core: Core, buffer: CoreBuffer): void {
  const { lines } = buffer;
  while (lines.length < core.rows)
    lines.push(buffer.getBlankLine({ ...core._inputHandler._curAttrData, fg: 0, bg: 0 }));
  buffer.ybase = Math.min(buffer.ybase, lines.length - core.rows);
  buffer.ydisp = buffer.ybase;
}

/** The row of `buffer`'s view, 0 at the top. */
export function viewLine(buffer: CoreBuffer, row: number): CoreLine {
  return buffer.lines.get(buffer.ybase + row) as CoreLine;
}

/** Gives back the slots that the core reserves for all its scrollback lines (80 KiB for 10,000); they grow as needed. */
function releaseUnusedSlots(core: Core): void {
  const { lines } = core.buffers.normal;
  if (lines._startIndex === 0) lines._array.length = Math.min(lines._array.length, lines._length);
}
