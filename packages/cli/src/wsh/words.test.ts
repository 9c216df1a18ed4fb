// What is said in the words of wsh, in those of fleetty; and what is said of what is in neither.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findCommand } from "../commands.ts";
import { inWordsOfFleetty, wshCommands } from "./words.ts";

const said: readonly (readonly [string, string])[] = [
  ["server -L agent-7 --ephemeral", "server -L agent-7 --ephemeral"],
  ["server --server-name=dev --bind 127.0.0.1:0 --no-auth", "server --instance=dev --bind 127.0.0.1:0 --no-auth"],
  ["-L dev server --max-sessions 4 --hostname h", "-L dev server --max-sessions 4 --hostname h"],
  ["stop", "stop --end-sessions"],
  ["stop --server-name dev", "stop --end-sessions --instance dev"],
  ["list -L dev", "ls -L dev"],
  ["list -s build-1", "ls --server build-1"],
  ["--socket /run/x.sock list --json", "--socket /run/x.sock ls --json"],
  ["attach dev", "attach dev"],
  ["kill dev -s build-1", "kill dev --server build-1"],
  ["detach dev", "detach dev"],
  ["tag dev --add a --add b --remove c", "tag dev --add a --add b --remove c"],
  ["persist", "persist"],
  ["persist off", "persist off"],
  ["token", "token"],
  ["servers list", "servers ls"],
  ["servers add http://build-1:7337 --token t", "servers add http://build-1:7337 --token t"],
  ["servers remove build-1", "servers rm build-1"],
  ["servers info", "server status"],
  ["servers reload", "servers reload"],
  ["mcp", "mcp --tool-prefix wsh_"],
  ["kill -- -s", "kill -- -s"],
  ["--version", "--version"],
  ["help list", "help list"],
];

describe("a command line of wsh", () => {
  for (const [line, fleetty] of said) {
    it(`is, for ${line}: ${fleetty}`, () => {
      assert.equal(inWordsOfFleetty(line.split(" ")).join(" "), fleetty);
    });
  }

  it("is refused with the way there where fleetty has another one, or none", () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ["", /fleetty new NAME/],
      ["-L dev", /fleetty new NAME/],
      ["--name dev --tag build", /fleetty new NAME/],
      ["-c make", /fleetty new NAME/],
      ["attach dev --scrollback all", /--scrollback.*fleetty scrollback NAME/],
      ["attach dev --alt-screen", /always/],
      ["persist on --bind=127.0.0.1:8080", /fleetty --url/],
      ["run dev make", /fleetty run does it/],
      ["servers", /wsh --help/],
      ["constructor", /wsh --help/],
    ];
    for (const [line, way] of refused) {
      const words = line === "" ? [] : line.split(" ");
      assert.throws(() => inWordsOfFleetty(words), { code: "invalid_request", message: way }, line);
    }
  });

  it("leads to a command that there is", () => {
    const processes = ["server", "mcp"];
    for (const [, command] of wshCommands()) {
      const words = command.split(" ").slice(1);
      assert.ok(processes.includes(words[0] as string) || findCommand(words), command);
    }
  });
});
