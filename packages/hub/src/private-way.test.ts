// Which inputs may go over a way that others can read.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { operations } from "@fleetty/protocol/operations";
import { requirePrivate } from "./private-way.ts";

const typing = operations["sessions.secret"];

describe("a way that others can read", () => {
  it("is refused to a secret, and to nothing else", () => {
    const asked = (input: object, operation = typing as (typeof operations)[keyof typeof operations]) =>
      requirePrivate({ operation, input, isPrivate: false });
    const refusal = { code: "forbidden", details: { reason: "plaintext" } };
    assert.throws(() => asked({ session: "build", value: "hunter2" }), refusal);
    assert.throws(() => asked({ name: "sudo", value: "hunter2" }, operations["secrets.set"]), refusal);
    asked({ session: "build", name: "sudo" });
    asked({ session: "build", data: "" }, operations["sessions.input"]);
  });

  it("is refused with the name of the server that it leads to, and without the secret", () => {
    const way = { operation: typing, input: { value: "hunter2" }, server: "web-1" };
    assert.throws(
      () => requirePrivate({ ...way, isPrivate: false }),
      (error: Error & { details?: unknown }) => {
        assert.deepEqual(error.details, { reason: "plaintext", server: "web-1" });
        return !`${error.stack}`.includes("hunter2");
      },
    );
    requirePrivate({ ...way, isPrivate: true });
  });
});
