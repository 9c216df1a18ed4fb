// Reads server-sent events from text as it comes, in whatever pieces (HTML standard, 9.2.6). Knows no event.

/** One block: an event, or with no data only where its stream is. */
export interface SseBlock {
  /** Cursor, where the block has one. */
  readonly id: string | undefined;
  /** `message` where it has no name. */
  readonly event: string;
  /** Undefined for a block that is no event. */
  readonly data: string | undefined;
}

export class SseParser {
  #rest = "";
  #isFirst = true;
  #fields = new Map<string, string>();

  /** Blocks that this piece has completed. */
  push(piece: string): readonly SseBlock[] {
    this.#rest += piece;
    if (this.#isFirst && this.#rest !== "") {
      this.#rest = this.#rest.replace(/^\uFEFF/, "");
      this.#isFirst = false;
    }
    // A return at the end may be half of a line end.
    const whole = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    const lines = whole.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + this.#rest.slice(whole.length);
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): readonly SseBlock[] {
    if (line === "") return this.#complete();
    const cut = line.indexOf(":");
    const name = cut < 0 ? line : line.slice(0, cut);
    const value = cut < 0 ? "" : line.slice(cut + 1).replace(/^ /, "");
    const before = this.#fields.get(name);
    // A comment has no name; data of several lines is one text.
    if (name === "data" && before !== undefined) this.#fields.set(name, `${before}\n${value}`);
    else if (name !== "") this.#fields.set(name, value);
    return [];
  }

  #complete(): readonly SseBlock[] {
    const fields = this.#fields;
    this.#fields = new Map();
    const id = fields.get("id");
    const data = fields.get("data");
    if (id === undefined && data === undefined) return [];
    return [{ id, event: fields.get("event") ?? "message", data }];
  }
}
