// Shows a session by drawing it: in a terminal of another size, and wherever more is to be seen than what the program prints.
// Reads the screen after output, not more often than eyes can follow. How a picture is made and painted it does not know.
import type { CallOutput, Size } from "@fleetty/client";
import type { Box } from "../picture/canvas.ts";
import { fitted } from "../picture/fitted.ts";
import { Painter } from "../picture/painter.ts";
import { compose, type Elements, NO_ELEMENTS } from "../picture/picture.ts";
import { ProgramScreen } from "../picture/program-screen.ts";
import { mouseInProgram } from "./mouse.ts";
import { Unseen } from "./unseen.ts";

export interface DrawnViewOptions {
  readonly write: (data: string | Uint8Array) => Promise<void>;
  readonly session: { readonly name: string };
  /** What has changed since an epoch; all without one. */
  readonly readScreen: (sinceEpoch: number | undefined) => Promise<CallOutput<"sessions.screen">>;
}

export interface Sizes {
  readonly terminal: Size;
  readonly session: Size;
}

/** Thirty pictures a second: more is not seen. */
const BETWEEN_PICTURES_MS = 33;
/** Own screen of the terminal, cleared; no wrapping of what is too wide. */
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[0m\x1b[2J";
const CLEAR = "\x1b[0m\x1b[2J";

export class DrawnView {
  readonly #options: DrawnViewOptions;
  readonly #screen = new ProgramScreen();
  #unseen = new Unseen();
  #painter = new Painter();
  /** Goes before the next picture, in one piece with it. */
  #before = "";
  #elements = NO_ELEMENTS;
  #sizes: Sizes | undefined;
  #words: string | undefined;
  /** Where the program is in the terminal. */
  #program: Box | undefined;
  #isShown = false;
  #isStale = false;
  #isBusy = false;

  constructor(options: DrawnViewOptions) {
    this.#options = options;
  }

  arrange(sizes: Sizes): void {
    this.#sizes = sizes;
    this.#painter = new Painter();
    this.#before ||= CLEAR;
    this.refresh();
  }

  enter(): void {
    this.#isShown = true;
    this.#painter = new Painter();
    this.#before = ENTER;
    this.refresh();
  }

  /** Draws nothing any more. What it has drawn stays until something else is shown. */
  close(): void {
    this.#isShown = false;
  }

  async repaint({ vt }: { readonly vt: string }): Promise<void> {
    this.#unseen = new Unseen();
    await this.output(Buffer.from(vt));
  }

  async output(bytes: Uint8Array): Promise<void> {
    this.refresh();
    await this.#options.write(this.#unseen.filter(bytes));
  }

  /** Says something in the last row instead of the usual; undefined takes it back. */
  notify(words: string | undefined): void {
    this.#words = words;
    void this.#draw();
  }

  /** What is typed, as the program is to have it: its own places of the mouse. */
  typed(bytes: Uint8Array): Uint8Array {
    return this.#program ? mouseInProgram(bytes, this.#program) : bytes;
  }

  /** What stands around the program's screen from now on. */
  show(elements: Elements): void {
    this.#elements = elements;
    this.refresh();
  }

  /** Reads the screen again and draws it, now or right behind the picture under way. */
  refresh(): void {
    this.#isStale = true;
    if (!this.#isBusy) void this.#readAndDraw();
  }

  async #readAndDraw(): Promise<void> {
    this.#isBusy = true;
    while (this.#isStale && this.#isShown) {
      this.#isStale = false;
      await this.#picture();
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_PICTURES_MS));
    }
    this.#isBusy = false;
  }

  async #picture(): Promise<void> {
    // None when the server is away, or the session has ended: the watch hears of it and decides.
    const answer = await this.#options.readScreen(this.#screen.epoch).catch(() => null);
    if (answer) this.#screen.take(answer);
    await this.#draw();
  }

  async #draw(): Promise<void> {
    const { picture } = this.#screen;
    if (!this.#isShown || !this.#sizes || !picture) return;
    const { terminal } = this.#sizes;
    const words = this.#words ?? this.#usualWords();
    const { isCapturing } = this.#elements;
    const shown = fitted(compose(picture, this.#elements), { terminal, words, isCapturing });
    this.#program = shown.program;
    const bytes = this.#before + this.#painter.paint(shown);
    this.#before = "";
    await this.#options.write(bytes);
  }

  /** Undefined where all is seen. */
  #usualWords(): string | undefined {
    const { terminal, session } = this.#sizes as Sizes;
    if (terminal.rows === session.rows && terminal.cols === session.cols) return undefined;
    const sizes = `${session.cols}x${session.rows} in ${terminal.cols}x${terminal.rows}`;
    return `${this.#options.session.name} ${sizes} | --resize fits it | Ctrl-\\ twice leaves`;
  }
}
