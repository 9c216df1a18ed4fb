// What is refused before anything is forked, and what is not.
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { findStartable } from "./program-lookup.ts";

const dir = mkdtempSync(join(tmpdir(), "fleetty-lookup-"));
after(() => rmSync(dir, { recursive: true }));

function file(name: string, content: string, mode = 0o755): string {
  writeFileSync(join(dir, name), content, { mode });
  return join(dir, name);
}

const first = join(dir, "first");
const second = join(dir, "second");
mkdirSync(first);
mkdirSync(second);
mkdirSync(join(first, "tool"));
file("second/tool", "#!/bin/sh\n");
file("first/locked", "#!/bin/sh\n", 0o644);
const plain = file("plain", "echo hello\n");
const lost = file("lost", "#!/no/such/interpreter -x\n");
const nested = file("nested", `#! ${lost}\n`);
const closed = file("closed", "#!/bin/sh\n", 0o644);
symlinkSync(join(dir, "nowhere"), join(dir, "dangling"));
const foreign = join(dir, "foreign");
copyFileSync("/bin/true", foreign);
breakLoader(foreign);

/** Renames the loader that an ELF file asks for, as in a musl program on a glibc machine. */
function breakLoader(path: string): void {
  const bytes = Buffer.from(file64(path));
  const at = bytes.indexOf("/lib64/ld-linux");
  const loader = at >= 0 ? at : bytes.indexOf("/lib/ld-linux");
  bytes.write("/xxx", loader);
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
}

function file64(path: string): Buffer {
  return process.getBuiltinModule("node:fs").readFileSync(path);
}

const check = (argv: string[], more: { cwd?: string; env?: Record<string, string> } = {}) =>
  findStartable({ argv, cwd: dir, env: { PATH: `${first}:${second}` }, ...more });

describe("a program that can be started", () => {
  const cases: Record<string, () => string> = {
    "is found in a later directory of PATH when an earlier one has a directory of that name": () => check(["tool"]),
    "is found by its absolute path": () => check([plain]),
    "is found by a path relative to cwd": () => check(["./second/tool"]),
    "is found by an empty element of PATH, which means cwd": () => check(["plain"], { env: { PATH: ":/bin" } }),
    "is found without PATH where execvp looks": () => check(["sh"], { env: {} }),
  };
  for (const [name, passes] of Object.entries(cases)) test(name, () => void passes());
});

describe("a program that cannot be started is refused with the reason", () => {
  const cases: [string, string[], string][] = [
    ["it is in no directory of PATH", ["missing"], "not_found"],
    ["it is in PATH without permission", ["locked"], "permission_denied"],
    ["its path does not exist", ["./missing"], "not_found"],
    ["its path goes through a file", [`${plain}/x`], "not_found"],
    ["its path is a dangling link", ["./dangling"], "not_found"],
    ["it is a directory", [first], "is_a_directory"],
    ["it is not executable", [closed], "permission_denied"],
    ["it is a device", ["/dev/null"], "permission_denied"],
    ["its interpreter is missing", [lost], "interpreter_missing"],
    ["the interpreter of its interpreter is missing", [nested], "interpreter_missing"],
    ["its loader is missing", [foreign], "interpreter_missing"],
    ["its name is empty", [""], "not_found"],
    ["an argument contains NUL", [plain, "a\0b"], "nul_in_text"],
    ["an argument is longer than the kernel takes", [plain, "x".repeat(128 * 1024)], "arguments_too_long"],
    ["its arguments are too long together", [plain, ...Array(30).fill("x".repeat(100_000))], "arguments_too_long"],
  ];
  for (const [name, argv, reason] of cases) {
    test(name, () =>
      assert.throws(() => check(argv), { code: "session_create_failed", details: { step: "program", reason } }),
    );
  }
});

describe("a directory that cannot be worked in is refused with the reason", () => {
  const cases: [string, string, string][] = [
    ["it does not exist", join(dir, "missing"), "not_found"],
    ["it is a file", plain, "not_a_directory"],
    ["it is relative", "second", "not_absolute"],
  ];
  for (const [name, cwd, reason] of cases) {
    const details = { field: "cwd", step: "cwd", reason };
    test(name, () => assert.throws(() => check([plain], { cwd }), { code: "invalid_request", details }));
  }
});
