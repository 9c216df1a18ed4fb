// Shows a session on a terminal of another size: reads its screen after output, not more often than eyes can follow, and
// draws it. Decides when to read; how it is drawn is the window's.
import type { CallOutput, Size } from "@fleetty/client";
import type { Screen } from "@fleetty/protocol/schemas/common";
import { KeyModes } from "./key-modes.ts";
import { ENTER_WINDOW, LEAVE_WINDOW, Window } from "./window.ts";

export interface WindowViewOptions {
  readonly write: (data: string | Uint8Array) => Promise<void>;
  readonly session: { readonly name: string };
  readonly readScreen: () => Promise<CallOutput<"sessions.screen">>;
}

/** Thirty pictures a second: more is not seen. */
const BETWEEN_PICTURES_MS = 33;

export class WindowView {
  readonly #options: WindowViewOptions;
  #keyModes = new KeyModes();
  #window = new Window({ rows: 0, cols: 0 });
  #sizes: { readonly terminal: Size; readonly session: Size } | undefined;
  #words: string | undefined;
  #screen: Screen | undefined;
  #isShown = false;
  #isStale = false;
  #isBusy = false;

  constructor(options: WindowViewOptions) {
    this.#options = options;
  }

  arrange(sizes: { readonly terminal: Size; readonly session: Size }): void {
    this.#sizes = sizes;
    this.#window = new Window(sizes.terminal);
    if (this.#isShown) void this.#options.write("\x1b[0m\x1b[2J");
    this.#refresh();
  }

  enter(): void {
    this.#isShown = true;
    void this.#options.write(ENTER_WINDOW);
    this.#refresh();
  }

  leave(): void {
    if (!this.#isShown) return;
    this.close();
    void this.#options.write(LEAVE_WINDOW);
  }

  /** Draws nothing any more. */
  close(): void {
    this.#isShown = false;
  }

  async repaint({ vt }: { readonly vt: string }): Promise<void> {
    this.#keyModes = new KeyModes();
    await this.output(Buffer.from(vt));
  }

  async output(bytes: Uint8Array): Promise<void> {
    this.#refresh();
    await this.#options.write(this.#keyModes.filter(bytes));
  }

  /** Says something in the last row instead of the usual; undefined takes it back. */
  notify(words: string | undefined): void {
    this.#words = words;
    if (this.#isShown && this.#screen) void this.#draw(this.#screen);
  }

  #refresh(): void {
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
    try {
      const screen = await this.#options.readScreen();
      if ("cursor" in screen && screen.lines) await this.#draw(screen as Screen);
    } catch {
      // The server is away, or the session has ended: the watch hears of it and decides.
    }
  }

  async #draw(screen: Screen): Promise<void> {
    this.#screen = screen;
    if (this.#isShown) await this.#options.write(this.#window.draw(screen, ` ${this.#words ?? this.#usualWords()} `));
  }

  #usualWords(): string {
    const { terminal, session } = this.#sizes ?? {};
    const sizes = `${session?.cols}x${session?.rows} in ${terminal?.cols}x${terminal?.rows}`;
    return `${this.#options.session.name} ${sizes} | --resize fits it | Ctrl-\\ twice leaves`;
  }
}
