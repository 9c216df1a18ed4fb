// Holds what serves on the strength of a credential to its end: once, when it is taken back or has expired.
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Credential } from "./credential.ts";
import { EVERYTHING } from "./scope.ts";
import { whenOver } from "./while-valid.ts";

const DAY_MS = 86_400_000;

/** A credential of so many days, at a time that the test moves on. */
function scene({ mock }: TestContext, days: number | null) {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const facts = { principal: "ci", kind: "agent", verbs: new Set<never>(), scope: EVERYTHING } as const;
  const credential = new Credential({ ...facts, expiresAtMs: days === null ? null : Date.now() + days * DAY_MS });
  let told = 0;
  const stop = whenOver(credential, () => {
    told += 1;
  });
  return { credential, stop, told: () => told, pass: (some: number) => mock.timers.tick(some * DAY_MS) };
}

describe("the end of a credential", () => {
  it("is told when it expires, also after more days than a timer can be set for", (context) => {
    const { pass, told } = scene(context, 365);
    for (let day = 0; day < 364; day += 1) pass(1);
    assert.equal(told(), 0);
    pass(1);
    assert.equal(told(), 1);
    pass(30);
    assert.equal(told(), 1);
  });

  it("is told when it is taken back, and then not again when it would have expired", (context) => {
    const { credential, pass, told } = scene(context, 1);
    credential.end();
    assert.equal(told(), 1);
    pass(2);
    assert.equal(told(), 1);
  });

  it("is told at once when it is over already", (context) => {
    assert.equal(scene(context, -1).told(), 1);
  });

  it("is not told to whom it does not concern any more", (context) => {
    const { credential, stop, pass, told } = scene(context, 1);
    stop();
    pass(2);
    credential.end();
    assert.equal(told(), 0);
  });
});
