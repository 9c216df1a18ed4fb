// Holds what config.toml says of secrets to its reading, and to its refusals, each with file, line and key.
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ConfigFolder } from "../../test/config-folder.ts";
import { openConfigFile } from "./config-file.ts";
import { secretsIn } from "./secret-tables.ts";

const folder = new ConfigFolder();

function read(text: string) {
  return secretsIn(openConfigFile(folder.write(text)));
}

describe("the secrets in config.toml", () => {
  it("say where each is read, and where it may be typed", () => {
    const secrets = read(`
[secrets.sudo-web]
command = ["pass", "show", "web/sudo"]
prompt = '^\\[sudo\\] password'
tags = ["ci", "a", "ci"]
[secrets.line]
command = "pass show web | head -1"
[secrets.file]
file = "/run/secrets/x"
[secrets.mine]
file = "~/x"
[secrets."a.b"]
env = "MINE"
`);
    const bare = { tags: [], prompt: null };
    assert.deepEqual(
      [...secrets],
      [
        [
          "sudo-web",
          {
            source: { kind: "command", argv: ["pass", "show", "web/sudo"] },
            tags: ["a", "ci"],
            prompt: "^\\[sudo\\] password",
          },
        ],
        ["line", { source: { kind: "command", argv: ["/bin/sh", "-c", "pass show web | head -1"] }, ...bare }],
        ["file", { source: { kind: "file", path: "/run/secrets/x" }, ...bare }],
        ["mine", { source: { kind: "file", path: join(homedir(), "x") }, ...bare }],
        ["a.b", { source: { kind: "env", variable: "MINE" }, ...bare }],
      ],
    );
    assert.equal(secretsIn(null).size + read("").size, 0);
  });

  for (const [text, says] of [
    ["[secrets.x]\nfile = '/a'\ncommand = 'b'", /:3: command in \[secrets\.x\] is given beside file/],
    ["[secrets.x]\ntags = ['a']", /:1: \[secrets\.x\] says not where it is/],
    ["[secrets.x]\nfile = 'a'", /:2: file in \[secrets\.x\] is to be an absolute path/],
    ["[secrets.x]\ncommand = []", /:2: command in \[secrets\.x\]/],
    ["[secrets.x]\ncommand = 5", /:2: command in \[secrets\.x\] is to be a line/],
    ["[secrets.x]\nenv = ''", /:2: env in \[secrets\.x\] is empty/],
    ["[secrets.x]\nenv = 'A'\nprompt = '('", /:3: prompt in \[secrets\.x\] is not usable: pattern 0/],
    ["[secrets.x]\nenv = 'A'\ntags = ['a b']", /:3: tags in \[secrets\.x\] is not usable: tag "a b"/],
    ["[secrets.x]\nenv = 'A'\nprompts = 'b'", /:3: prompts in \[secrets\.x\] is not known/],
    ['[secrets."a b"]\nenv = "A"', /\[secrets\.a b\] is no name/],
    ["secrets = 5", /:1: secrets is to be tables/],
    ["[secrets]\nx = 5", /\[secrets\.x\] is to be a table/],
  ] as const) {
    it(`are refused that say ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), { code: "invalid_request", message: says });
    });
  }
});
