// Holds the descriptions of the API, for programs and for people: made when they are first asked for, and the same ever after.
// Making one takes longer than hundreds of other answers (about 10 ms, and 60 ms as YAML), during which nobody else is heard.
// Knows no operation.

/** How each is made. */
export interface ApiMakers {
  readonly openapi: () => Promise<unknown>;
  readonly guide: () => Promise<string>;
}

export class ApiDocument {
  readonly #make: ApiMakers;
  #made: Promise<unknown> | null = null;
  #yaml: Promise<string> | null = null;
  #guide: Promise<string> | null = null;

  constructor(make: ApiMakers) {
    this.#make = make;
  }

  /** As OpenAPI. */
  get(): Promise<unknown> {
    this.#made ??= this.#make.openapi();
    return this.#made;
  }

  /** The same in YAML. */
  yaml(): Promise<string> {
    this.#yaml ??= this.#written();
    return this.#yaml;
  }

  /** For people and agents, in Markdown. */
  guide(): Promise<string> {
    this.#guide ??= this.#make.guide();
    return this.#guide;
  }

  /** Without references within the text: not every reader of YAML follows them. */
  async #written(): Promise<string> {
    const [{ stringify }, document] = await Promise.all([import("yaml"), this.get()]);
    return stringify(document, { aliasDuplicateObjects: false });
  }
}
