import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Automaton, ROOM, type State } from "./automaton.ts";
import { compileProgram } from "./program.ts";

const automatonOf = (regex: string): Automaton => new Automaton(compileProgram({ regex }, 0));

function run(automaton: Automaton, text: string): State {
  let state = automaton.start;
  for (const character of text) state = automaton.step(state, character.codePointAt(0) as number);
  return state;
}

/** Words of `letters` that do not repeat for a long time: the binary digits of one number after another. */
function variedText(length: number, letters: readonly [string, string]): string {
  let text = "";
  for (let number = 1; text.length < length; number += 1) {
    text += number.toString(2).replaceAll("0", letters[0]).replaceAll("1", letters[1]);
  }
  return text.slice(0, length);
}

describe("automaton", () => {
  it("is decided when no thread is left that could give a better match", () => {
    const cases: [regex: string, text: string, hasMatched: boolean, isDecided: boolean][] = [
      ["ab", "xa", false, false],
      ["ab", "xab", true, true],
      ["ab+", "ab", true, false],
      ["ab+", "abx", true, true],
      ["ab+?", "ab", true, true],
      ["abc|a", "a", true, false],
      ["a|abc", "a", true, true],
      ["^a", "ba", false, false],
      ["a$|a", "a", true, false],
      ["a\\b", "a", false, false],
      ["a\\b", "a ", true, true],
    ];
    for (const [regex, text, hasMatched, isDecided] of cases) {
      const state = run(automatonOf(regex), text);
      assert.deepEqual([state.hasMatched, state.isDecided], [hasMatched, isDecided], `${regex} on ${text}`);
    }
  });

  it("knows what the end of the line would mean", () => {
    const endsWith = (regex: string, text: string) => {
      const automaton = automatonOf(regex);
      return automaton.matchesAtEnd(run(automaton, text));
    };
    assert.equal(endsWith("a$", "ba"), true);
    assert.equal(endsWith("a$", "ab"), false);
    assert.equal(endsWith("a\\b", "a"), true);
    assert.equal(endsWith("a\\B", "a"), false);
    assert.equal(endsWith("^$", ""), true);
  });

  it("holds a bounded number of states, and still sees the match after it has dropped them", () => {
    const automaton = automatonOf("(x|y)*x(x|y){40}z");
    const text = variedText(20_000, ["x", "y"]);
    let most = 0;
    let state = automaton.start;
    for (const character of text) {
      state = automaton.step(state, character.charCodeAt(0));
      most = Math.max(most, automaton.states);
    }
    assert.ok(most > 100 && most < ROOM / 160, `held ${most} states`);
    const tail = `x${"y".repeat(40)}z`;
    for (const character of tail) state = automaton.step(state, character.charCodeAt(0));
    assert.equal(state.isDecided, true);
  });

  it("holds a bounded number of followers outside ASCII", () => {
    const automaton = automatonOf("never");
    let state = automaton.start;
    let most = 0;
    for (let character = 0x100; character < 0xd800; character += 1) {
      state = automaton.step(state, character);
      most = Math.max(most, state.others.size);
    }
    assert.ok(most < ROOM / 6, `held ${most} followers`);
  });
});
