// Holds grants to what they name.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Grants } from "./grants.ts";

describe("grants", () => {
  it("let through what they name, and nothing else", () => {
    const table: readonly (readonly [patterns: readonly string[], operation: string, is: boolean])[] = [
      [["*"], "sessions.input", true],
      [["sessions.*"], "sessions.input", true],
      [["sessions.*"], "server.info", false],
      [["sessions.*"], "sessionsx.input", false],
      [["sessions.get", "server.*"], "sessions.get", true],
      [["sessions.get", "server.*"], "server.info", true],
      [["sessions.get", "server.*"], "sessions.kill", false],
      [[], "sessions.get", false],
    ];
    for (const [patterns, operation, is] of table) {
      const ask = () => new Grants(patterns).require(operation);
      if (is) ask();
      else assert.throws(ask, { code: "forbidden", details: { reason: "grants", operation } });
    }
  });

  it("are refused when they name nothing", () => {
    for (const pattern of ["", "sessions", "sessions.", "*.get", "Sessions.*", "sessions.*.x", "a b.c"]) {
      assert.throws(() => new Grants([pattern]), { code: "invalid_request" }, pattern);
    }
  });
});
