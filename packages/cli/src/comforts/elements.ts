// `overlay …` and `panel …`: say how a painting is written; `new` prints the id of what it has made and nothing else, so that it
// can go into a variable.
import type { Comfort } from "../comfort.ts";

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
