// `screen`: the rows as plain lines for people, and below them what stands out, when asked for.
import type { Screen } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { show } from "../print/show.ts";
import { visible } from "../print/visible.ts";

export const comfort: Comfort = {
  notes: [
    "Prints the rows as plain text without the blank ones at the end; --json gives styled spans. --highlights adds a line for",
    "each text that stands out: its row and column, counted from 0, and by what.",
  ],
  input: ({ members, globals }) => (globals.json ? members : { format: "plain", ...members }),
  show: (answer) => `${showScreen(answer as Partial<Screen>)}${showHighlights(answer as Partial<Screen>)}`,
};

/** The rows of a screen up to the last one that is not blank. */
export function showScreen(screen: Partial<Screen>): string {
  if (!screen.lines) return show(screen);
  const lines = screen.lines.map((line) => (typeof line === "string" ? line : line.map(({ text }) => text).join("")));
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return lines
    .slice(0, last + 1)
    .map((line) => `${visible(line)}\n`)
    .join("");
}

function showHighlights({ lines, highlights }: Partial<Screen>): string {
  if (!lines || !highlights?.length) return "";
  return highlights
    .map(({ row, col, by, text }) => `\n${row}:${col} ${by} ${visible(text)}`)
    .join("")
    .concat("\n");
}
