// Holds a text that must not be seen: whatever prints, logs or serialises it shows a placeholder.

const SHOWN = "[secret]";

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; the one way to it. */
  reveal(): string {
    return this.#text;
  }

  /** Compares in time that depends on the candidate's length alone, which its sender knows. */
  equals(candidate: string): boolean {
    const own = new TextEncoder().encode(this.#text);
    const given = new TextEncoder().encode(candidate);
    let difference = own.byteLength ^ given.byteLength;
    for (const [index, byte] of given.entries()) {
      difference |= byte ^ (own[index % Math.max(own.byteLength, 1)] ?? 0);
    }
    return difference === 0;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  /** What console.log and util.inspect show (nodejs.org/api/util.html, custom inspection). */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SHOWN;
  }
}
