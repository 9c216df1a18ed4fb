// Holds the title that a program gave its window, and those it has put aside (CSI 22 t, CSI 23 t), cleaned and bounded.
// Never reports one: a title that comes back as input is how output types commands.
import { OscText } from "./osc-text.ts";
import type { Core, CoreParams } from "./xterm-core.ts";

const TITLE_MAX = 256;
/** As many as the core itself would keep. */
const ASIDE_MAX = 10;
const CONTROLS = /\p{Cc}/gu;
const ICON_AND_TITLE = 0;
const TITLE_ONLY = 2;
const PUT_ASIDE = 22;
const TAKE_BACK = 23;

export class Title {
  readonly #aside: string[] = [];
  #text = "";

  /** Listens to what sets the title on `core`. */
  constructor(core: Core) {
    const parser = core._inputHandler._parser;
    for (const ident of [ICON_AND_TITLE, TITLE_ONLY]) {
      parser.registerOscHandler(ident, new OscText((text) => this.#set(text)));
    }
    parser.registerCsiHandler({ final: "t" }, (params) => this.#windowOperation(params));
  }

  /** At most 256 characters without control characters; "" before one was set. */
  get text(): string {
    return this.#text;
  }

  #set(text: string): void {
    this.#text = text.replace(CONTROLS, "").slice(0, TITLE_MAX).toWellFormed();
  }

  /** Every other window operation is unanswered and without effect: the size is the session's. */
  #windowOperation({ params, length }: CoreParams): boolean {
    const which = length > 1 ? params[1] : ICON_AND_TITLE;
    if (which === ICON_AND_TITLE || which === TITLE_ONLY) {
      if (params[0] === PUT_ASIDE) this.#putAside();
      if (params[0] === TAKE_BACK) this.#text = this.#aside.pop() ?? this.#text;
    }
    return true;
  }

  #putAside(): void {
    this.#aside.push(this.#text);
    if (this.#aside.length > ASIDE_MAX) this.#aside.shift();
  }
}
