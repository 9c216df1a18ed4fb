// `tag`: +word gives a tag, -word takes it.
import { FleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Comfort } from "../comfort.ts";
import { PICK_NOTES, pickOptions } from "../picked.ts";
import { visible } from "../print/visible.ts";

const ADD = "--add";
const REMOVE = "--remove";
/** Words that begin with one dash and are options of every command. */
const OPTION = /^-(?:h$|L)/;

export const comfort: Comfort = {
  hides: ["name", "add_tags", "remove_tags"],
  extras: [
    { flag: ADD, value: "a,b,…", says: "tags to give, as +a +b" },
    { flag: REMOVE, value: "a,b,…", says: "tags to take, as -a -b; the form for one that begins with L, or is h" },
    ...pickOptions,
  ],
  picksMany: { said: "tagged" },
  notes: ["Prints the tags that the session then has.", ...PICK_NOTES],
  words: gathered,
  input: ({ members, extras }) => {
    const add_tags = wordsOf(extras[ADD]);
    const remove_tags = wordsOf(extras[REMOVE]);
    if (add_tags.length + remove_tags.length > 0) return { ...members, add_tags, remove_tags };
    throw new FleettyError("invalid_request", "name a tag, as +word to give it or -word to take it");
  },
  show: (answer) => `${visible((answer as SessionInfo).tags.join(",") || "-")}\n`,
};

/** All that is to be given, and all that is to be taken, each in one option. */
function gathered(args: readonly string[]): string[] {
  const tags: Record<string, string[]> = { [ADD]: [], [REMOVE]: [] };
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [word = "", next] = args.slice(at);
    if (word === "--") {
      rest.push(...args.slice(at));
      break;
    }
    const [flag = "", glued] = split(word);
    const tag = glued ?? next;
    if (flag in tags && tag !== undefined) tags[flag]?.push(tag);
    else rest.push(word);
    if (flag in tags && glued === undefined) at += 1;
  }
  const options = Object.entries(tags).filter(([, words]) => words.length > 0);
  return [...options.flatMap(([flag, words]) => [flag, words.join(",")]), ...rest];
}

/** The option that a word stands for, and its value where that is part of the word. */
function split(word: string): readonly [flag: string, value?: string] {
  if (/^\+./.test(word)) return [ADD, word.slice(1)];
  if (/^-[^-]/.test(word) && !OPTION.test(word)) return [REMOVE, word.slice(1)];
  const cut = word.indexOf("=");
  return cut < 0 ? [word] : [word.slice(0, cut), word.slice(cut + 1)];
}

function wordsOf(text: string | boolean | undefined): string[] {
  return typeof text === "string" ? text.split(",") : [];
}
