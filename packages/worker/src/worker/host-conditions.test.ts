// What is told of session hosts on a platform that does not let them ask.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pino } from "pino";
import { HostConditions } from "./host-conditions.ts";

describe("the conditions of session hosts", () => {
  it("say where the kernel cannot be asked what sessions want, and nothing where it can", () => {
    const log = pino({ level: "silent" });
    assert.deepEqual(new HostConditions(log, true).all, []);
    const [condition, ...others] = new HostConditions(log, false).all;
    assert.deepEqual([condition?.type, others], ["NoKernelAttention", []]);
    assert.match(condition?.reason ?? "", /no secret is typed/);
  });
});
