// Holds grants to what they name.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Grants } from "./grants.ts";

describe("grants", () => {
  it("let through what they name, and nothing else", () => {
    const table: readonly (readonly [patterns: readonly string[], operation: string, is: boolean])[] = [
      [["*"], "sessions.input", true],
      [["sessions.*"], "sessions.input", true],
      [["sessions.*"], "sessions.stream", true],
      [["sessions.*"], "server.info", false],
      [["sessions.*"], "sessionsx.input", false],
      [["sessions.get", "server.*"], "sessions.get", true],
      [["sessions.get", "server.*"], "server.info", true],
      [["sessions.get", "server.*"], "sessions.kill", false],
      [["sessions.input"], "sessions.input_open", false],
      [[], "sessions.get", false],
    ];
    for (const [patterns, operation, is] of table) assert.equal(new Grants(patterns).allows(operation), is, operation);
  });

  it("are no wider than those that they are within", () => {
    const both = new Grants(["sessions.get", "server.*"], new Grants(["sessions.*"]));
    const allowed = ["sessions.get", "sessions.kill", "server.info"].filter((operation) => both.allows(operation));
    assert.deepEqual(allowed, ["sessions.get"]);
  });

  it("are refused when they mean nothing that a hub asks of a worker", () => {
    const none = ["", "sessions", "sessions.", "*.get", "Sessions.*", "sessions.*.x", "a b.c", "sessions.levitate"];
    // Of hubs themselves, of session hosts, and not yet there.
    for (const pattern of [...none, "servers.*", "tokens.add", "sessions.spawn", "host.*", "workspaces.*"])
      assert.throws(() => new Grants([pattern]), RangeError, pattern);
    assert.throws(() => new Grants(["sessions.create"]), /to create is sessions\.start/);
  });
});
