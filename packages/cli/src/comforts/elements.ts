// `overlay …` and `panel …`: say how a painting is written; `new` prints the id of what it has made and nothing else, so that it
// can go into a variable; `ls` is a table of what is there.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { table } from "../print/table.ts";

type Overlay = OperationOutput<"sessions.overlays.list">[number];
type Panel = OperationOutput<"sessions.panels.list">[number];

const COLOUR = 'A colour is black, red, green, yellow, blue, magenta, cyan, white, or {"r": 0…255, "g": …, "b": …}.';
const LOOK = '"fg"?: colour, "bg"?: colour, "bold"?: true, "italic"?: true, "underline"?: true}';
const SPANS = `Spans are [{"text": …, "id"?: …, ${LOOK}, …].`;
const BACKGROUND = 'A background is {"bg": colour}.';

export const painted: Comfort = { notes: [SPANS, COLOUR] };
export const written: Comfort = { notes: [`Writes are [{"row": …, "col": …, "text": …, ${LOOK}, …].`, COLOUR] };
export const placed: Comfort = { notes: [`${BACKGROUND} ${COLOUR}`] };
export const changed: Comfort = { notes: [SPANS, `${BACKGROUND} ${COLOUR}`] };

export const create: Comfort = {
  notes: ["Prints its id, by which it is changed and taken away.", SPANS, `${BACKGROUND} ${COLOUR}`],
  show: (answer) => `${(answer as { id: string }).id}\n`,
};

const LISTED = ["TEXT is what its spans say, rows one after the other; --json has all of it."];

export const overlays: Comfort = {
  notes: LISTED,
  show: (answer) => {
    const rows = (answer as Overlay[]).map((one) => [
      one.id,
      `${one.x},${one.y}`,
      `${one.width}x${one.height}`,
      ...common(one),
    ]);
    return table(["ID", "AT", "SIZE", ...COMMON], rows);
  },
};

export const panels: Comfort = {
  notes: [...LISTED, "One that is not VISIBLE has no room: the program keeps a row at least."],
  show: (answer) => {
    const rows = (answer as Panel[]).map((one) => [
      one.id,
      one.position,
      `${one.height}`,
      yes(one.visible),
      ...common(one),
    ]);
    return table(["ID", "POSITION", "HEIGHT", "VISIBLE", ...COMMON], rows);
  },
};

const COMMON = ["Z", "FOCUSABLE", "TEXT"];

function common({ z, focusable, spans }: Overlay | Panel): string[] {
  const text = spans.map((span) => span.text).join("");
  return [`${z}`, yes(focusable), text.replaceAll("\n", " / ")];
}

function yes(claim: boolean | undefined): string {
  return claim ? "yes" : "-";
}
