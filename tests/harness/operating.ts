// Reads what docs/operating.md tells operators to run and to write down, so that tests do it as it stands there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const document = readFileSync("docs/operating.md", "utf8");

/** The one block of that language in that section whose text has `word`. */
export function block(section: string, language: string, word = ""): string {
  const text = document.split(/^## /m).find((one) => one.startsWith(`${section}\n`)) ?? "";
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter(([, one, inside]) => one === language && inside?.includes(word))
    .map(([, , inside]) => inside as string);
  assert.equal(blocks.length, 1, `"${section}" has ${blocks.length} blocks of ${language} with ${word}`);
  return blocks[0] as string;
}

/** `text` with each of these words of the document replaced, which it has once. */
export function replaced(text: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((done, [word, other]) => {
    assert.equal(done.split(word).length, 2, `the document does not have ${word} once`);
    return done.replace(word, other);
  }, text);
}
