// Holds what config.toml says of presets to its reading, and to its refusals, each with file, line and key.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigFolder } from "../../test/config-folder.ts";
import { openConfigFile } from "./config-file.ts";
import { presetsIn } from "./preset-tables.ts";

const folder = new ConfigFolder();

function read(text: string) {
  return presetsIn(openConfigFile(folder.write(text)));
}

describe("the presets in config.toml", () => {
  it("say which program, how it gets its prompt, and what its lines mean", () => {
    const presets = read(`
[presets.claude]
argv = ["claude", "--model", "opus"]
prompt = "argument"
tool = "claude"
env = { EDITOR = "true" }
tags = ["b", "a", "b"]
needs_input = ['^Do you want', '\\? $']
working = ['esc to interrupt']
[presets."a.b"]
argv = ["sh", "-c", "agent < {prompt_file}"]
prompt = "file"
[presets.plain]
argv = ["agent"]
`);
    const bare = { env: {}, tags: [], tool: null, rules: [] };
    assert.deepEqual(presets, [
      {
        name: "claude",
        argv: ["claude", "--model", "opus"],
        prompt: "argument",
        env: { EDITOR: "true" },
        tags: ["a", "b"],
        tool: "claude",
        rules: [
          { when: "^Do you want", attention: "needs_input" },
          { when: "\\? $", attention: "needs_input" },
          { when: "esc to interrupt", attention: "working" },
        ],
      },
      { name: "a.b", argv: ["sh", "-c", "agent < {prompt_file}"], prompt: "file", ...bare },
      { name: "plain", argv: ["agent"], prompt: "paste", ...bare },
    ]);
    assert.equal(presetsIn(null).length + read("").length, 0);
  });

  const table = "[presets.x]\nargv = ['a']\n";
  for (const [text, says] of [
    ["presets = 1", /:1: presets is to be tables: \[presets\.NAME\]/],
    ["[presets.'a b']\nargv = ['a']", /: \[presets\.a b\] is no name/],
    ["[presets]\nx = 1", /: \[presets\.x\] is to be a table/],
    ["[presets.x]\nprompt = 'paste'", /:1: argv in \[presets\.x\]/],
    ["[presets.x]\nargv = []", /:2: argv in \[presets\.x\] names no program/],
    [`${table}prompt = 'stdin'`, /:3: prompt in \[presets\.x\] is none of argument/],
    [`${table}needs = ['a']`, /:3: needs in \[presets\.x\] is not known/],
    [`${table}ready = ['(']`, /:3: ready in \[presets\.x\] is not usable: pattern 0/],
    [`${table}done = ['a(?=b)']`, /:3: done in \[presets\.x\] is not usable/],
    [`${table}tags = ['a b']`, /:3: tags in \[presets\.x\] is not usable: tag "a b"/],
    [`${table}tool = 'bin/x'`, /:3: tool in \[presets\.x\] is no name of a program/],
    [`${table}env = { 'A B' = '1' }`, /:3: env in \[presets\.x\]/],
    ["[presets.x]\nargv = ['{prompt}', '{prompt}']\nprompt = 'argument'", /:2: argv in .* more than one place/],
    ["[presets.x]\nargv = ['{prompt}']\nprompt = 'file'", /:2: argv in .* which is for prompt = "argument"/],
    ["[presets.x]\nargv = ['{prompt_file}']", /:2: argv in .* which is for prompt = "file"/],
  ] as const) {
    it(`are refused by name: ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), { code: "invalid_request", message: says });
    });
  }
});
