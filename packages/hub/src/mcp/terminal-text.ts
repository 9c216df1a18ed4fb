// Decides how text that programs printed is handed to a model: as data that says where it comes from, in which nothing stands
// that a reader would not see. Pure; knows no tool.

type Members = Record<string, unknown>;

/**
 * Characters that are seen by no one and yet read: controls but line end and tab, and all that Unicode says to show as nothing
 * (Default_Ignorable_Code_Point: marks that turn the direction of text around, tags and variation selectors in which whole texts
 * are hidden, fillers, blanks of no width) but the two joiners and the two selectors that scripts and emoji need. A third of
 * these behind two others means nothing, and so can only be a text that is hidden in them. Lone halves of surrogate pairs are no
 * text at all.
 */
const NEEDED = String.raw`\u200c\u200d\ufe0e\ufe0f`;
const INVISIBLE = String.raw`[[\x7f-\x9f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]--[${NEEDED}]]|(?<=[${NEEDED}]{2})[${NEEDED}]`;
const UNSEEN = new RegExp(String.raw`[\x00-\x08\x0b-\x1f]|\p{Surrogate}|${INVISIBLE}`, "gv");
/** The same in JSON, where controls are written as escapes. */
const MAY_HOLD_UNSEEN = new RegExp(String.raw`\\[bfru]|${INVISIBLE}`, "v");

/** Every unseen character as `\u{…}`. */
export function seen(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}

/** The same value with every text in it seen. `json`: the value as JSON, which tells quickly when there is nothing to do. */
export function seenThroughout(value: unknown, json: string): unknown {
  return MAY_HOLD_UNSEEN.test(json) ? seenIn(value) : value;
}

function seenIn(value: unknown): unknown {
  if (typeof value === "string") return seen(value);
  if (Array.isArray(value)) return value.map(seenIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, seenIn(inner)]));
}

/** Members of answers in which text of programs stands. */
export const TEXT_MEMBERS: ReadonlySet<string> = new Set([
  "lines",
  "changed",
  "highlights",
  "output",
  "tail",
  "text",
  "data",
  "question",
  "match",
  "title",
  "evidence",
  "foreground",
  "last_command",
]);

/** Whether text of programs stands in it, however deep. */
export function holdsTerminalText(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsTerminalText);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, inner]) =>
    TEXT_MEMBERS.has(name) && typeof inner !== "object" ? isSomething(inner) : holdsBelow(name, inner),
  );
}

function holdsBelow(name: string, inner: unknown): boolean {
  if (!TEXT_MEMBERS.has(name) || inner === null) return holdsTerminalText(inner);
  if (Array.isArray(inner)) return inner.length > 0;
  return name === "data" ? holdsTerminalText(inner) : true;
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== "";
}

export interface TextSource {
  readonly server: string | null;
  readonly session: string | null;
}

/** Where the label stands: before all else, or after it for older clients. */
export type LabelPlace = "first" | "last";

/** Members that hold several answers, each of its own session. */
export const MANY = ["events", "items"] as const;

/** Says of each answer that holds text of programs from which session it is. `asked`: what the caller asked for. */
export function labelled(value: unknown, asked: TextSource, place: LabelPlace): unknown {
  if (Array.isArray(value)) return value.map((one) => labelledOne(one, asked, place));
  if (typeof value !== "object" || value === null) return value;
  const many = MANY.find((name) => Array.isArray((value as Members)[name]));
  if (many === undefined) return labelledOne(value, asked, place);
  return { ...value, [many]: labelled((value as Members)[many], asked, place) };
}

function labelledOne(value: unknown, asked: TextSource, place: LabelPlace): unknown {
  if (!holdsTerminalText(value)) return value;
  const { server, session, name } = value as Members;
  const source = {
    server: textOr(server, asked.server),
    session: textOr(session, textOr(name, asked.session)),
    trust: "terminal",
  };
  return place === "first" ? { source, ...(value as Members) } : { ...(value as Members), source };
}

function textOr(value: unknown, other: string | null): string | null {
  return typeof value === "string" ? value : other;
}

/** The same answer without the blank lines at the end of each screen in it: their number is in `rows`. */
export function withoutBlankEnds(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = value as Members;
  if (members["screen"] !== undefined) return { ...members, screen: withoutBlankEnds(members["screen"]) };
  const { lines, rows, events } = members;
  if (Array.isArray(events)) return { ...members, events: events.map(withoutBlankEnds) };
  if (!Array.isArray(lines) || rows === undefined) return value;
  return { ...members, lines: lines.slice(0, lines.findLastIndex((line) => line.length > 0) + 1) };
}
