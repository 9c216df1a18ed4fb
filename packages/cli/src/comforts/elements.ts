// `overlay new` and `panel new`: print the id of what they have made and nothing else, so that it can go into a variable.
import type { Comfort } from "../comfort.ts";

export const create: Comfort = {
  notes: ["Prints its id, by which it is changed and taken away."],
  show: (answer) => `${(answer as { id: string }).id}\n`,
};
