// Reads marks (OSC 133), folders (OSC 7) and reports (OSC 7337) from raw output, and decides which are genuine: those that
// carry the session's nonce and a number above the last one believed, so that output printed a second time proves nothing.
// Knows no commands, and no shells.
//
//   OSC 133 ; A|B|C|D|P [; exit code] [; k=s] [; t=<percent-encoded text>] ; fleetty=<nonce>.<number> ST
//   OSC 7   ; file://host/path ST           believed only where the byte after it begins a genuine A
//   OSC 7337 ; <nonce> ; <ms since 1970> ; needs_input|done|working ; <base64 text> ST
import { timingSafeEqual } from "node:crypto";
import type { Nonces } from "../session/nonces.ts";
import type { Mark, Report } from "./mark.ts";
import { OscFinder } from "./osc-finder.ts";
import { percentDecoded } from "./percent-text.ts";

/** A mark that anybody can have printed: without nonce, with another one, or with a number that has been. */
export interface ForeignMark {
  readonly kind: Mark["kind"];
  readonly from: number;
  readonly to: number;
  readonly exitCode?: number | null;
}

/** In the order of their offsets. */
export type Found =
  | { readonly type: "mark"; readonly mark: Mark }
  | { readonly type: "foreign"; readonly mark: ForeignMark }
  | { readonly type: "report"; readonly report: Report };

const KINDS: Readonly<Record<string, Mark["kind"]>> = {
  A: "prompt",
  B: "input",
  C: "command",
  D: "end",
  P: "continuation",
};
/** Of 133, 7 and 7337. */
const FIRST_CHARACTERS = "17";
const PROOF = /^fleetty=([0-9a-f]+)\.([0-9]{1,15})$/;
const EXIT_CODE = /^[0-9]{1,3}$/;
const STATES: readonly string[] = ["needs_input", "done", "working"] satisfies Report["state"][];
const REPORT_TEXT_MAX_BYTES = 1024;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

export class MarkScanner {
  readonly #nonces: Nonces;
  readonly #finder = new OscFinder(FIRST_CHARACTERS, (text, from, to) => this.#sequence(text, from, to));
  #found: Found[] = [];
  #lastNumber = 0;
  #lastReportMs = 0;
  /** The last OSC 7: what it says and where it ends. */
  #folder: { readonly cwd: string; readonly to: number } | null = null;

  constructor(nonces: Nonces) {
    this.#nonces = nonces;
  }

  /** What these bytes complete; `offset` is that of the first. They follow those of the call before. */
  feed(bytes: Uint8Array, offset: number): readonly Found[] {
    this.#found = [];
    this.#finder.feed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset);
    return this.#found;
  }

  #sequence(text: Buffer, from: number, to: number): void {
    const separator = text.indexOf(";");
    const number = separator > 0 && separator <= 4 ? text.toString("latin1", 0, separator) : "";
    const rest = text.subarray(separator + 1);
    if (number === "133") this.#mark(rest.toString("latin1").split(";"), from, to);
    else if (number === "7337") this.#report(rest.toString("latin1").split(";"), from, to);
    else if (number === "7") this.#folder = folderOf(rest, to);
  }

  #mark([letter = "", ...fields]: readonly string[], from: number, to: number): void {
    const kind = letter === "A" && fields.includes("k=s") ? "continuation" : KINDS[letter];
    if (!kind) return;
    const place = { kind, from, to, ...(kind === "end" ? { exitCode: exitCodeOf(fields[0]) } : {}) };
    if (this.#isProven(fields))
      this.#found.push({ type: "mark", mark: { ...place, ...this.#says(kind, fields, from) } });
    else this.#found.push({ type: "foreign", mark: place });
  }

  #says(kind: Mark["kind"], fields: readonly string[], from: number): { text?: string; cwd?: string } {
    if (kind === "prompt" && this.#folder?.to === from) return { cwd: this.#folder.cwd };
    const typed = kind === "command" ? fields.find((field) => field.startsWith("t=")) : undefined;
    return typed === undefined ? {} : { text: percentDecoded(Buffer.from(typed.slice(2), "latin1")) };
  }

  #isProven(fields: readonly string[]): boolean {
    const proof = fields.map((field) => PROOF.exec(field)).find((match) => match !== null);
    if (!proof || !isEqual(proof[1] as string, this.#nonces.marks)) return false;
    const number = Number(proof[2]);
    if (number <= this.#lastNumber) return false;
    this.#lastNumber = number;
    return true;
  }

  #report(fields: readonly string[], from: number, to: number): void {
    const [nonce = "", ms = "", state = "", encoded = ""] = fields;
    if (fields.length !== 4 || !isEqual(nonce, this.#nonces.report)) return;
    const text = BASE64.test(encoded) ? Buffer.from(encoded, "base64") : null;
    if (!/^[0-9]{1,15}$/.test(ms) || Number(ms) <= this.#lastReportMs || !STATES.includes(state)) return;
    if (!text || text.length > REPORT_TEXT_MAX_BYTES) return;
    this.#lastReportMs = Number(ms);
    const report = { state: state as Report["state"], text: text.toString().replace(CONTROLS, " "), from, to };
    this.#found.push({ type: "report", report });
  }
}

/** In a time that does not tell how much of it is right. */
function isEqual(told: string, secret: string): boolean {
  return told.length === secret.length && timingSafeEqual(Buffer.from(told, "latin1"), Buffer.from(secret, "latin1"));
}

function exitCodeOf(field: string | undefined): number | null {
  return field !== undefined && EXIT_CODE.test(field) ? Number(field) : null;
}

/** Whatever host it names: only a shell of this session is believed, and that one runs here. */
function folderOf(url: Buffer, to: number): { cwd: string; to: number } | null {
  if (url.toString("latin1", 0, 7) !== "file://") return null;
  const pathAt = url.indexOf("/", 7);
  return pathAt < 0 ? null : { cwd: percentDecoded(url.subarray(pathAt)), to };
}
