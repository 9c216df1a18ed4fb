// Answers what a program may ask its terminal. Each answer is fixed or made of our own numbers, so that nothing that was
// printed comes back as input: no titles, no selection, no fonts, no settings as text (DECRQSS). Asked beyond a bound,
// it is silent. Sources: xterm's ctlseqs; DEC STD 070.
import { FLEETTY_VERSION } from "../version.ts";
import { OscText } from "./osc-text.ts";
import { paletteColor } from "./palette.ts";
import type { Core, CoreParams } from "./xterm-core.ts";

const ESC = "\x1b";
const STRING_END = `${ESC}\\`;
/** VT100 with advanced video: what the core implements beyond doubt, and what xterm.js answers in browsers. */
const PRIMARY_ATTRIBUTES = `${ESC}[?1;2c`;
/** An xterm of patch 276, as xterm.js says. */
const SECONDARY_ATTRIBUTES = `${ESC}[>0;276;0c`;
const NAME_AND_VERSION = `${ESC}P>|fleetty(${FLEETTY_VERSION})${STRING_END}`;
const STATUS_OK = `${ESC}[0n`;
/** The highest mode number that is answered for, so that an answer is short: no terminal has one above. */
const MODE_MAX = 9999;
const PALETTE_SIZE = 256;
/** OSC 10, 11, 12: foreground, background, cursor. A dark screen, as the dashboard shows it. */
const FIRST_SPECIAL = 10;
const SPECIAL_COLORS = ["rgb:e5e5/e5e5/e5e5", "rgb:0000/0000/0000", "rgb:e5e5/e5e5/e5e5"];

/** Registers the answers on `core`; each is handed to `answer` while parsing. */
export function answerQueries(core: Core, answer: (text: string) => void): void {
  const parser = core._inputHandler._parser;
  const on = (id: Parameters<typeof parser.registerCsiHandler>[0], reply: (param: number) => string | undefined) =>
    parser.registerCsiHandler(id, (params: CoreParams) => {
      const text = reply(params.params[0] ?? 0);
      if (text !== undefined) answer(text);
      return true;
    });
  on({ final: "c" }, (param) => (param === 0 ? PRIMARY_ATTRIBUTES : undefined));
  on({ prefix: ">", final: "c" }, (param) => (param === 0 ? SECONDARY_ATTRIBUTES : undefined));
  on({ prefix: ">", final: "q" }, (param) => (param === 0 ? NAME_AND_VERSION : undefined));
  on({ final: "n" }, (param) => (param === 5 ? STATUS_OK : param === 6 ? cursorReport(core, "") : undefined));
  on({ prefix: "?", final: "n" }, (param) => (param === 6 ? cursorReport(core, "?") : undefined));
  answerModes(core, answer);
  answerColors(core, answer);
}

/** Row and column from 1; within the margins in origin mode; the last column while a wrap is pending (DEC STD 070). */
function cursorReport(core: Core, prefix: string): string {
  const { x, y, scrollTop } = core.buffers.active;
  const top = core.coreService.decPrivateModes.origin ? scrollTop : 0;
  return `${ESC}[${prefix}${y - top + 1};${Math.min(x, core.cols - 1) + 1}R`;
}

/** The core answers DECRQM itself, by the only text that it still sends. */
function answerModes(core: Core, answer: (text: string) => void): void {
  const parser = core._inputHandler._parser;
  const isUnanswered = ({ params }: CoreParams) => (params[0] ?? 0) > MODE_MAX;
  parser.registerCsiHandler({ intermediates: "$", final: "p" }, isUnanswered);
  parser.registerCsiHandler({ prefix: "?", intermediates: "$", final: "p" }, isUnanswered);
  core.onData(answer);
}

function answerColors(core: Core, answer: (text: string) => void): void {
  const parser = core._inputHandler._parser;
  parser.registerOscHandler(4, new OscText((text) => answerPalette(text, answer)));
  for (const offset of SPECIAL_COLORS.keys()) {
    parser.registerOscHandler(FIRST_SPECIAL + offset, new OscText((text) => answerSpecial(text, offset, answer)));
  }
}

/** `index;?` pairs. Setting a colour has no effect: what is read of a screen are indexes. */
function answerPalette(text: string, answer: (text: string) => void): void {
  const parts = text.split(";");
  for (let at = 0; at + 1 < parts.length && at < 2 * PALETTE_SIZE; at += 2) {
    const index = /^\d{1,3}$/.test(parts[at] as string) ? Number(parts[at]) : PALETTE_SIZE;
    if (parts[at + 1] === "?" && index < PALETTE_SIZE) {
      answer(`${ESC}]4;${index};${paletteColor(index)}${STRING_END}`);
    }
  }
}

/** `?` asks for the colour of the sequence's number, a second one for that of the next number, and so on. */
function answerSpecial(text: string, first: number, answer: (text: string) => void): void {
  for (const [offset, part] of text.split(";").entries()) {
    const color = SPECIAL_COLORS[first + offset];
    if (color === undefined) return;
    if (part === "?") answer(`${ESC}]${FIRST_SPECIAL + first + offset};${color}${STRING_END}`);
  }
}
