// Collects the text of one OSC sequence up to a bound. The core's own collector keeps up to 10 MB per sequence, for as
// long as the program leaves it unfinished. Knows no meaning of any sequence.
import type { CoreOscHandler } from "./xterm-core.ts";

/** A query of all 256 palette colours in one sequence is 1,430 characters; titles are cut at 256. */
const TEXT_MAX = 4096;

/** Hands each whole OSC text to `take`; one that is longer or was aborted is dropped. */
export class OscText implements CoreOscHandler {
  readonly #take: (text: string) => void;
  #text = "";
  #isTooLong = false;

  constructor(take: (text: string) => void) {
    this.#take = take;
  }

  start(): void {
    this.#text = "";
    this.#isTooLong = false;
  }

  put(data: Uint32Array, start: number, end: number): void {
    this.#isTooLong ||= this.#text.length + (end - start) > TEXT_MAX;
    if (this.#isTooLong) this.#text = "";
    else this.#text += String.fromCodePoint(...data.subarray(start, end));
  }

  end(isComplete: boolean): boolean {
    const text = this.#text;
    this.#text = "";
    if (isComplete && !this.#isTooLong) this.#take(text);
    return true;
  }
}
