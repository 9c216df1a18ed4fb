// Decides which texts are session names, tags, the words of labels and prefixes of tools. Pure grammar: uniqueness and counters belong to the
// worker.
import { FleettyError } from "./errors.ts";
import { isSessionId } from "./ids.ts";

const WORD = /^[\p{L}\p{N}\-_.]+$/u;
const WORD_MAX_BYTES = 64;
/** Tags that one session can carry. */
export const TAGS_MAX = 64;

const bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

/** Letters and digits of any script, and what labels of other systems are written with; nothing that a server set reads otherwise. */
const LABEL_WORD = /^[\p{L}\p{N}\-_./:+]+$/u;
const LABEL_WORD_MAX_BYTES = 63;

function isWord(text: string): boolean {
  return WORD.test(text) && bytes(text) <= WORD_MAX_BYTES;
}

/** Whether a session can carry this tag: 1…64 bytes of letters, digits, `-`, `_`, `.`. */
export function isTag(text: string): boolean {
  return isWord(text);
}

/** Whether a secret can be called so: as a session can. */
export function isSecretName(text: string): boolean {
  return isWord(text) && text !== "." && text !== "..";
}

/** Whether this is the key or the value of a label that a server set can name: 1…63 bytes of letters, digits, `-`, `_`, `.`, `/`, `:`, `+`. */
export function isLabelWord(text: string): boolean {
  return LABEL_WORD.test(text) && bytes(text) <= LABEL_WORD_MAX_BYTES;
}

const TOOL_PREFIX = /^[a-z0-9_]{0,16}$/;
/** For people. */
export const TOOL_PREFIX_RULE = "at most 16 of a-z, 0-9 and _";

/** Whether it may stand before the names of MCP tools (public contract, MCP). */
export function isToolPrefix(text: string): boolean {
  return TOOL_PREFIX.test(text);
}

/** Checks a session name: 1…64 bytes of letters, digits, `-`, `_`, `.`; not `.`, `..` or the form of an id. Throws `invalid_session_name`. */
export function checkSessionName(name: string): string {
  if (isWord(name) && name !== "." && name !== ".." && !isSessionId(name)) return name;
  throw new FleettyError(
    "invalid_session_name",
    `session name ${JSON.stringify(name.slice(0, 80))} is not usable; take 1 to 64 bytes of letters, digits, "-", "_" and "."`,
  );
}

/** Checks a set of tags and returns it sorted and without repetitions. Throws `invalid_tag`. */
export function checkTags(tags: readonly string[]): string[] {
  const bad = tags.find((tag) => !isTag(tag));
  if (bad !== undefined) {
    throw new FleettyError(
      "invalid_tag",
      `tag ${JSON.stringify(bad.slice(0, 80))} is not usable; take 1 to 64 bytes of letters, digits, "-", "_" and "."`,
    );
  }
  const set = [...new Set(tags)].sort();
  if (set.length <= TAGS_MAX) return set;
  throw new FleettyError("invalid_tag", `${set.length} tags given; a session carries at most ${TAGS_MAX}`);
}
