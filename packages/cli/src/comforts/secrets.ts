// `secrets set`, `ls`, and `secret`: a value comes from the terminal without echo or from standard input, never from the
// command line; secrets are a table for people.
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Comfort } from "../comfort.ts";
import { age } from "../print/ages.ts";
import { table } from "../print/table.ts";
import { readSecret } from "../secret-input.ts";

type Secrets = OperationOutput<"secrets.list">;
type Listed = Secrets["items"][number];

const HEADING = ["NAME", "SERVER", "SOURCE", "TAGS", "PROMPT", "CREATED", "USED"];
const WITHOUT_ENTER = "--without-enter";
const READS =
  "The value is read from the terminal, which does not show it, or from standard input; a line end is left out.";

export const set: Comfort = {
  hides: ["value"],
  notes: [READS],
  input: async ({ members }, signal) => ({ ...members, value: await readSecret(signal) }),
};

export const list: Comfort = {
  notes: ["Values are shown by nothing. USED says how long ago one was typed last, CREATED when a kept one was set."],
  show: (answer) => {
    const { items, next_cursor: next } = answer as Secrets;
    const more = next === null ? "" : `more: fleetty secrets ls --cursor ${next}\n`;
    return table(HEADING, items.map(row)) + more;
  },
};

export const typed: Comfort = {
  hides: ["value", "enter"],
  extras: [{ flag: WITHOUT_ENTER, value: null, says: "press no Enter after it" }],
  notes: ["Without --name, the secret itself is typed, once.", READS],
  input: async ({ members, extras }, signal) => ({
    ...members,
    ...(extras[WITHOUT_ENTER] === true && { enter: false }),
    ...(members["name"] === undefined && { value: await readSecret(signal) }),
  }),
  show: () => "",
};

function row({ name, server, source, tags, prompt, created_at: createdAt, last_used_at: usedAt }: Listed): string[] {
  const ago = (at: string | null, never: string) => (at === null ? never : `${age(Date.now() - Date.parse(at))} ago`);
  return [name, server, source, tags.join(",") || "-", prompt ?? "-", ago(createdAt, "-"), ago(usedAt, "never")];
}
