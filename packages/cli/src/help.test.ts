// Holds the ways to ask for help: before or behind the words of a command, of one that is no operation, of several that begin alike.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCli } from "../test/run-cli.ts";
import { commandRows } from "./commands.ts";
import { ownCommands } from "./help.ts";

describe("help", () => {
  const own = [...new Set(ownCommands.map(([said]) => said.split(" ")[0] as string))];
  const named = [...own.map((word) => [word]), ["panel"], ["panel", "new"], ["server", "status"]];
  for (const words of named) {
    it(`of ${words.join(" ")} is asked for before or behind it`, async () => {
      const behind = await runCli([...words, "--help"]);
      assert.deepEqual([behind.code, behind.stderr], [0, ""]);
      assert.match(behind.stdout, new RegExp(`^(Usage: | *)fleetty .*${words.join(" ")}`, "m"));
      assert.deepEqual(await runCli(["help", ...words]), behind);
    });
  }

  it("lists the commands that begin with a word, and says what can follow it", async () => {
    const { stdout } = await runCli(["overlay", "--help"]);
    const listed = [...stdout.matchAll(/^ {2}fleetty (overlay \S+) /gm)].map(([, command]) => command);
    const known = commandRows().map(({ cli }) => cli.command);
    assert.deepEqual(
      listed,
      known.filter((command) => command.startsWith("overlay ")),
    );
    for (const [args, said] of [
      [["tokens"], /^fleetty: tokens is followed by another word: add, ls, rm; see fleetty tokens --help/],
      [["tokens", "list"], /^fleetty: tokens has no command "list": add, ls, rm; see fleetty tokens --help/],
      [["help", "tokenz"], /^fleetty: there is no command "tokenz"; did you mean .*tokens add/],
    ] as const) {
      const refused = await runCli([...args]);
      assert.match(refused.stderr, said);
      assert.deepEqual([refused.code, refused.stdout], [2, ""]);
    }
  });
});
