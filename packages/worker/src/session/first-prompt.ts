// Hands a session's program its first prompt, once: in its arguments, in a file that only its user can read, or pasted when it
// waits for input. Decides when and whether; what a paste may send is decided elsewhere. Its text is written down nowhere but
// in that file, which goes with the program.
//
//   argument, file ──program started──► given
//   paste: waiting ──ready or needs_input, after 15 s anything; where a rule knows ready: ready alone
//                    no secret asked for, no line that would be cut, nobody's lease──► given
//                  ──terminal does not take it──► failed: perhaps half of it was typed, so it is not typed again
import { rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { encodePaste } from "../keys/encode-paste.ts";
import { lineModeOf } from "../pty/line-mode.ts";
import { privateFolder } from "../state/private-folder.ts";
import type { Session } from "./session.ts";
import type { SpawnSpec } from "./spec.ts";
import type { Look, Verdict } from "./wait-look.ts";

/** After so long it is pasted without a sign that the program waits (public contract, sessions.create). */
const PASTE_AFTER_MS = 15_000;
/** What keeps it from being pasted then (a prompt for a secret, a lease) goes without a sign. */
const LOOK_EVERY_MS = 250;

const PLACES = /\{prompt(?:_file)?\}/g;
const LAST_LINE_ENDS = /[\r\n]+$/;

export type PromptState = "waiting" | "given" | "failed";

export class FirstPrompt {
  readonly #prompt: SpawnSpec["prompt"];
  /** Whether a rule says when the program is ready: then other input that it waits for is a question. */
  readonly #hasReadyRule: boolean;
  readonly #file: string;
  #state: PromptState = "waiting";
  /** The code of the refusal that keeps it from being pasted, as of the last look. */
  #because: string | undefined;

  constructor({ prompt, rules = [] }: Pick<SpawnSpec, "prompt" | "rules">, file: string) {
    this.#prompt = prompt;
    this.#hasReadyRule = rules.some(({ attention }) => attention === "ready");
    this.#file = file;
  }

  /** For people; null: there is none. */
  get shown() {
    if (!this.#prompt) return null;
    const { by } = this.#prompt;
    return { by, state: this.#state, ...(this.#because !== undefined && { because: this.#because }) };
  }

  /** Program and arguments with it in its place. */
  in(argv: readonly string[]): string[] {
    const { text, by, at } = this.#prompt ?? {};
    if (by === undefined || by === "paste") return [...argv];
    const put = by === "file" ? this.#file : (text as string);
    return argv.map((word, index) => (index === at ? word.replaceAll(PLACES, () => put) : word));
  }

  /** Before the program is started. Rejects with `session_create_failed {step: "prompt"}`. */
  async write(): Promise<void> {
    if (this.#prompt?.by !== "file") return;
    try {
      privateFolder(dirname(this.#file));
      await writeFile(this.#file, this.#prompt.text, { mode: 0o600, flag: "wx" });
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? "unknown";
      const message = `the file of the prompt cannot be written (${reason}); free space in the state folder, then try again`;
      throw new FleettyError("session_create_failed", message, { step: "prompt", reason }, { cause });
    }
  }

  /** The program has been started. */
  begin(session: Session): void {
    if (this.#prompt?.by !== "paste") this.#state = "given";
    else void session.waits.look(this.pasting(session, this.#prompt.text), session.over).catch(() => {});
  }

  /** The program has ended. What cannot be removed goes with the session. */
  end(): void {
    if (this.#prompt?.by === "file") void rm(this.#file, { force: true }).catch(() => {});
  }

  /** As the session's Waits look at it, until it has been pasted. */
  pasting(session: Session, text: string): Look<void> {
    const untilMs = performance.now() + PASTE_AFTER_MS;
    return {
      look: (nowMs): Verdict<void> => {
        const isLate = nowMs >= untilMs;
        const isDue = this.#isAwaitedBy(session) || (isLate && !this.#hasReadyRule);
        if (isDue && this.#paste(session, text)) return { done: true, value: undefined };
        if (isLate && !isDue) this.#because = "not_ready";
        const nextMs = isLate ? nowMs + PASTE_AFTER_MS : untilMs;
        return { done: false, lookAtMs: isDue ? nowMs + LOOK_EVERY_MS : nextMs };
      },
    };
  }

  #isAwaitedBy({ attention }: Session): boolean {
    const { attention: wants } = attention.current;
    return wants === "ready" || (wants === "needs_input" && !this.#hasReadyRule);
  }

  /** In one step with the look that finds that it may be. Whether it is done with. */
  #paste(session: Session, text: string): boolean {
    try {
      session.lease.check(undefined);
      const bytes = pasteOf(session, text.replace(LAST_LINE_ENDS, ""));
      this.#state = "given";
      this.#because = undefined;
      session.input(bytes).catch((refusal) => this.#failed(refusal));
      return true;
    } catch (refusal) {
      this.#because = toFleettyError(refusal).code;
      return false;
    }
  }

  #failed(refusal: unknown): void {
    this.#state = "failed";
    this.#because = toFleettyError(refusal).code;
  }
}

/** With Enter. Throws `secret_prompt` or `line_too_long`, and `session_exited`. */
function pasteOf(session: Session, text: string): Uint8Array {
  const line = lineModeOf(session.running().heldSlaveFd);
  if (session.attention.judged().verdict.attention === "needs_secret") {
    throw new FleettyError("secret_prompt", "the terminal reads a secret just now, where a prompt does not belong");
  }
  return encodePaste({ text, enter: true }, { ...session.caughtUp().modes(), line }).bytes;
}
