// Decides whether what was typed on a line has been shown there, from how the line looks when it is looked at. Pure.

export class EchoedLine {
  #line = "";
  #isTyped = false;
  #isShown = false;

  typed(): void {
    this.#isTyped = true;
  }

  /** The line as it is now, up to the cursor. A line that does not go on from what it was is another one. */
  isShownIn(line: string): boolean {
    if (line === this.#line) return this.#isShown;
    const goesOn = this.#line !== "" && line.startsWith(this.#line);
    this.#isShown = goesOn && (this.#isShown || this.#isTyped);
    this.#isTyped = false;
    this.#line = line;
    return this.#isShown;
  }
}
