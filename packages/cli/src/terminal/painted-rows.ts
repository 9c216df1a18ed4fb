// Knows what stands in the rows of a terminal, and says which bytes bring it to what is to stand there: only rows that differ.

export class PaintedRows {
  #rows: readonly string[] = [];

  /** `rows` may hold colours; each begins without any. */
  paint(rows: readonly string[]): string {
    const gone = this.#rows.length > rows.length ? Array<string>(this.#rows.length - rows.length).fill("") : [];
    const changed = [...rows, ...gone].flatMap((row, at) =>
      row === this.#rows[at] ? [] : [`\x1b[${at + 1};1H\x1b[0m\x1b[2K${row}`],
    );
    this.#rows = [...rows];
    return changed.join("");
  }
}
