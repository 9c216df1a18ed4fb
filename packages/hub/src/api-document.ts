// Holds the description of the API: made when it is first asked for, and the same ever after. Making it takes longer than
// hundreds of other answers (about 10 ms, and 60 ms as YAML), during which nobody else is heard. Knows no operation.

export class ApiDocument {
  readonly #make: () => Promise<unknown>;
  #made: Promise<unknown> | null = null;
  #yaml: Promise<string> | null = null;

  constructor(make: () => Promise<unknown>) {
    this.#make = make;
  }

  /** As OpenAPI. */
  get(): Promise<unknown> {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** The same in YAML. */
  yaml(): Promise<string> {
    this.#yaml ??= this.#written();
    return this.#yaml;
  }

  /** Without references within the text: not every reader of YAML follows them. */
  async #written(): Promise<string> {
    const [{ stringify }, document] = await Promise.all([import("yaml"), this.get()]);
    return stringify(document, { aliasDuplicateObjects: false });
  }
}
