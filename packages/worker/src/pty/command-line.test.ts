// What is executed for a request, and that what is shown would do the same.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { commandLine } from "./command-line.ts";

test("a command is a line for an interactive shell, shown as it is", () => {
  const line = commandLine({ command: "ls | wc", shell: "/bin/zsh" });
  assert.deepEqual(line, { argv: ["/bin/sh", "-ic", "ls | wc"], command: "ls | wc" });
});

test("an argument list is executed as it is", () => {
  assert.deepEqual(commandLine({ argv: ["git", "log"] }), { argv: ["git", "log"], command: "git log" });
});

test("without either it is the user's shell, else /bin/sh", () => {
  assert.deepEqual(commandLine({ shell: "/bin/zsh" }), { argv: ["/bin/zsh", "-i"], command: "/bin/zsh" });
  assert.deepEqual(commandLine({ shell: "" }), { argv: ["/bin/sh", "-i"], command: "/bin/sh" });
  assert.deepEqual(commandLine({}), { argv: ["/bin/sh", "-i"], command: "/bin/sh" });
});

test("an argument list is shown so that a shell reads the same words", () => {
  const words = ["a b", "it's", "", "$HOME", "`x`", "*", "back\\slash", "new\nline", "--flag=1", "ü"];
  const { command } = commandLine({ argv: ["printf", "%s\\0", ...words] });
  assert.equal(execFileSync("/bin/sh", ["-c", command]).toString(), words.map((word) => `${word}\0`).join(""));
});
