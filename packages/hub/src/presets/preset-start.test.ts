// What a session starts with that names a preset or brings a prompt: a row for each way, and who wins.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { builtIn, type Preset } from "./preset.ts";
import { type StartAsked, startOf } from "./preset-start.ts";

const plain: Preset = { name: "own", argv: ["agent"], prompt: "paste", env: {}, tags: [], tool: null, rules: [] };
const text = "mend it";

/** What it starts with, as far as something is said. */
function starts(preset: Partial<Preset>, asked: StartAsked = {}) {
  const { argv, prompt } = startOf({ ...plain, ...preset }, asked);
  return { argv, ...(prompt && { prompt }) };
}

const ways: readonly (readonly [string, Partial<Preset>, StartAsked, ReturnType<typeof starts>])[] = [
  ["no prompt", {}, {}, { argv: ["agent"] }],
  ["a paste", {}, { prompt: text }, { argv: ["agent"], prompt: { text, by: "paste" } }],
  [
    "an argument, which comes last",
    { prompt: "argument" },
    { prompt: text, argv: ["-v"] },
    { argv: ["agent", "-v", "{prompt}"], prompt: { text, by: "argument", at: 2 } },
  ],
  [
    "an argument that is to be no option",
    { prompt: "argument" },
    { prompt: "--help" },
    { argv: ["agent", "--", "{prompt}"], prompt: { text: "--help", by: "argument", at: 2 } },
  ],
  [
    "an argument in its place",
    { argv: ["agent", "--do={prompt}", "-q"], prompt: "argument" },
    { prompt: "-x", argv: ["-v"] },
    { argv: ["agent", "--do={prompt}", "-q", "-v"], prompt: { text: "-x", by: "argument", at: 1 } },
  ],
  [
    "its place, without a prompt",
    { argv: ["agent", "--do={prompt}", "-q"], prompt: "argument" },
    {},
    { argv: ["agent", "-q"] },
  ],
  [
    "a place that a caller writes, which is none",
    { prompt: "argument" },
    { argv: ["{prompt}"], prompt: text },
    { argv: ["agent", "{prompt}", "{prompt}"], prompt: { text, by: "argument", at: 2 } },
  ],
  [
    "a file",
    { prompt: "file" },
    { prompt: "-x" },
    { argv: ["agent", "{prompt_file}"], prompt: { text: "-x", by: "file", at: 1 } },
  ],
  ["the user's shell", { argv: [] }, { prompt: text }, { argv: undefined, prompt: { text, by: "paste" } }],
];

describe("what a preset starts", () => {
  for (const [what, preset, asked, wanted] of ways) {
    it(`with ${what}`, () => assert.deepEqual(starts(preset, asked), wanted));
  }

  it("has what the caller gave, and of the preset what nobody gave", () => {
    const preset = {
      ...plain,
      env: { A: "1", B: "1" },
      tags: ["agent"],
      rules: [{ when: "x", attention: "ready" } as const],
    };
    const { env, tags, rules, cwd } = startOf(preset, { env: { B: "2" }, cwd: "/tmp" });
    assert.deepEqual([env, tags, rules, cwd], [{ A: "1", B: "2" }, ["agent"], preset.rules, "/tmp"]);
    assert.deepEqual(startOf(preset, { tags: [] }).tags, []);
  });

  it("is nothing where it does not fit", () => {
    const refused = (preset: Partial<Preset>, asked: StartAsked) =>
      assert.throws(() => starts(preset, asked), { code: "invalid_request" });
    refused({ prompt: "none" }, { prompt: text });
    refused({ argv: [] }, { argv: ["-x"] });
  });

  it("is, without a preset, what was asked, and the prompt is pasted", () => {
    assert.deepEqual(startOf(null, { command: "x", prompt: text }), { command: "x", prompt: { text, by: "paste" } });
    assert.deepEqual(startOf(null, { argv: ["x"] }), { argv: ["x"] });
  });

  it("takes a prompt interactively with every agent that is built in", () => {
    const words = builtIn.map(({ name, ...preset }) => [name, startOf({ name, ...preset }, { prompt: text }).argv]);
    assert.deepEqual(Object.fromEntries(words), {
      claude: ["claude", "{prompt}"],
      codex: ["codex", "{prompt}"],
      gemini: ["gemini", "--prompt-interactive={prompt}"],
      opencode: ["opencode", "--prompt={prompt}"],
      shell: undefined,
    });
  });
});
