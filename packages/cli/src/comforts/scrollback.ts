// `scrollback`: writes all lines that are kept, page by page, as plain text for people.
import type { CallInput, CallOutput } from "@fleetty/client";
import type { Comfort } from "../comfort.ts";
import { printJson } from "../print/json.ts";
import { writeOut } from "../print/output.ts";
import { visible } from "../print/visible.ts";

type Input = CallInput<"sessions.scrollback">;
type Lines = CallOutput<"sessions.scrollback">["lines"];

/** The most lines that the server gives at a time. */
const PAGE_LINES = 10_000;

export const comfort: Comfort = {
  notes: [
    "Writes all lines from --offset on, those of the screen at the end, as plain text; or as many as --limit says. Blank",
    "ones at the end are left out. --json gives one answer, in styled spans. Of an ended session the final screen is kept.",
  ],
  run: async ({ members, globals }, client, signal) => {
    const read = (input: Input) => client.sessions.scrollback(input, { signal });
    if (globals.json) {
      await printJson(await read(members as Input));
      return 0;
    }
    const first = await read({ limit: PAGE_LINES, format: "plain", ...(members as Input) });
    let { lines, offset } = first;
    const end = members["limit"] === undefined ? first.total_lines : offset + lines.length;
    const writer = new LineWriter();
    while (lines.length > 0) {
      await writer.write(lines);
      offset += lines.length;
      if (offset >= end) break;
      lines = (await read({ ...(members as Input), format: "plain", limit: end - offset, offset })).lines;
    }
    return 0;
  },
};

/** Holds blank lines back until another follows. */
class LineWriter {
  #blank = 0;

  async write(lines: Lines): Promise<void> {
    let text = "";
    for (const line of lines) {
      const shown = typeof line === "string" ? line : line.map((span) => span.text).join("");
      if (shown.trim() === "") this.#blank += 1;
      else {
        text += `${"\n".repeat(this.#blank)}${visible(shown)}\n`;
        this.#blank = 0;
      }
    }
    await writeOut(text);
  }
}
