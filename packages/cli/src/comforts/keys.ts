// `keys`: words are names of keys; `--text` types a text at its place among them.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "../comfort.ts";

const TEXT = "--text";
/** Stands before a text among the names of keys. No argument of a program can hold it (execve). */
const IS_TEXT = "\0";

export const comfort: Comfort = {
  completes: ["keys"],
  extras: [{ flag: TEXT, value: "TEXT", says: "type this, at its place among the keys; can be given again" }],
  notes: [
    "A key is one character, or Enter Tab Escape Backspace Delete Insert Space Up Down Left Right Home End PageUp PageDown",
    "F1…F20, with Ctrl+ Alt+ Shift+ or C- M- S- before it. Encoded for the modes that the program has set.",
  ],
  words: keepTextsInPlace,
  input: ({ members }) => {
    const words = members["keys"] as readonly string[] | undefined;
    if (words === undefined) throw new FleettyError("invalid_request", `name a key, or give a text with ${TEXT}`);
    return { ...members, keys: words.map((word) => (word.startsWith(IS_TEXT) ? { text: word.slice(1) } : word)) };
  },
  show: () => "",
};

/** Options lose their place when they are read; words keep theirs. */
function keepTextsInPlace(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [word = "", next] = args.slice(at);
    if (word === "--") return [...kept, ...args.slice(at)];
    if (word.startsWith(`${TEXT}=`)) kept.push(IS_TEXT + word.slice(TEXT.length + 1));
    else if (word === TEXT && next !== undefined) {
      kept.push(IS_TEXT + next);
      at += 1;
    } else kept.push(word);
  }
  return kept;
}
