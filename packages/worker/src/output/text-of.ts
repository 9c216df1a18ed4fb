// Renders a range of raw output as text, as a reader of an endless wide page would see it. What a full-screen program shows in
// the alternate buffer is gone when it leaves, and left out.
import { RenderedText } from "./rendered-text.ts";

/** Lines end in LF; the last one, unfinished, in nothing. `from`: offset of the first byte. */
export function textOf(bytes: Uint8Array, from: number): string {
  const lines: string[] = [];
  const rendered = new RenderedText(
    { printed: () => {}, left: () => {}, completed: (line) => lines.push(`${line.text()}\n`) },
    from,
    { leavesOutAlternate: true },
  );
  rendered.feed(bytes);
  return lines.join("") + rendered.line.text();
}
