// `openapi`, `openapi yaml`, `docs` and `metrics`: print the document as it is, so that it can go into a file.
import type { Comfort } from "../comfort.ts";
import { visibleLines } from "../print/visible.ts";

export const comfort: Comfort = {
  show: (answer) => {
    const text = typeof answer === "string" ? answer : JSON.stringify(answer, null, 2);
    return `${visibleLines(text.replace(/\n$/, ""))}\n`;
  },
};
