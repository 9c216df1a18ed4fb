// Which programs take commands from a person, with which arguments.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { interpreterOf } from "./interpreter.ts";

const of = (line: string, program?: string) => {
  const argv = line.split(" ");
  return interpreterOf({ program: program ?? (argv[0] as string).replace(/^-/, ""), argv });
};

const TAKES_COMMANDS = [
  "bash",
  "-bash",
  "bash -i",
  "bash --rcfile /tmp/rc -i",
  "bash --init-file /tmp/rc --noprofile",
  "bash -O histappend -i",
  "bash -o vi",
  "bash -s one two",
  "zsh -l",
  "zsh -o vi -f",
  "fish --no-config",
  "fish -C true",
  "fish --init-command true -i",
  "dash -i",
  "ksh",
  "busybox sh",
  "python3",
  "python3.12 -q -X dev",
  "python -i script.py",
  "python -ic pass",
  "python3 -",
  "python3 /usr/bin/ipython3",
  "node",
  "node -r ./before.js",
  "node -i -e 1",
  "psql -h localhost -U me base me",
  "mysql -u root base",
  "sqlite3 base.db",
  "gdb -q ./program",
  "gdb --args ./program one two",
  "redis-cli -p 6380",
  "lua5.4",
];

const RUNS_ONCE = [
  "bash -c true",
  "bash -ic true",
  "bash -lc true",
  "bash script.sh",
  "bash -- script.sh",
  "bash -e script.sh -s",
  "sh -ic true",
  "zsh -c true",
  "zsh script",
  "fish -c true",
  "fish script.fish",
  "dash script",
  "busybox sh -c true",
  "busybox cat",
  "python3 script.py",
  "python3 script.py -i",
  "python3 -m http.server",
  "python3 -c pass",
  "python3 -Sc pass",
  "node script.js",
  "node -e 1",
  "node --test",
  "psql -c select",
  "psql -l",
  "mysql -e select",
  "sqlite3 base.db select",
  "gdb --batch ./program",
  "redis-cli get key",
  "vim",
  "cat",
  "constructor",
];

describe("an interpreter", () => {
  for (const line of TAKES_COMMANDS) it(`takes commands: ${line}`, () => assert.ok(of(line)));
  for (const line of RUNS_ONCE) it(`takes none: ${line}`, () => assert.equal(of(line), null));

  it("is what the file is, not what it calls itself", () => {
    assert.equal(of("sh -i", "dash")?.editsLine, false);
    assert.equal(of("sh -i", "bash")?.editsLine, true);
    assert.equal(of("sh -i", "busybox")?.editsLine, true);
    assert.equal(of("bash -i", "cat"), null);
  });

  it("edits its line unless it cannot or must not", () => {
    assert.equal(of("bash")?.editsLine, true);
    assert.equal(of("bash --noediting -i")?.editsLine, false);
    assert.equal(of("dash")?.editsLine, false);
  });

  for (const [line, first, further] of [
    ["python3", ">>> print(", "... "],
    ["node", "> 1 +", "| "],
    ["psql", "base=# select 1", "base-# "],
    ["psql", "base=> ", "base(> "],
    ["sqlite3", "sqlite> .tables", "   ...> "],
    ["mysql", "mysql> ", "    -> "],
    ["mysql", "MariaDB [(none)]> ", "    '> "],
    ["gdb", "(gdb) run", ">"],
    ["irb", "irb(main):001:0> ", "irb(main):002:1* "],
    ["irb", "irb(main):001> ", "irb(main):002* "],
    ["ipython", "In [1]: ", "   ...: "],
    ["lua", "> ", ">> "],
  ] as const) {
    it(`tells ${line}'s prompt from its further lines: ${first}`, () => {
      const prompts = of(line)?.prompts;
      assert.match(first, prompts?.first as RegExp);
      assert.match(further, prompts?.further as RegExp);
      assert.doesNotMatch(first, prompts?.further as RegExp);
    });
  }
});
