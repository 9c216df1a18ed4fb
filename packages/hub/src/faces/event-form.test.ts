// In which form events are answered, by what the caller accepts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventForm } from "./event-form.ts";

describe("events", () => {
  const forms = {
    stream: [
      undefined,
      "",
      "*/*",
      "text/event-stream",
      "text/*",
      "application/json;q=0.5, text/event-stream",
      "application/json, */*;q=0.1, text/event-stream",
    ],
    json: [
      "application/json",
      "application/*",
      "APPLICATION/JSON; charset=utf-8",
      "text/event-stream;q=0.1, application/json",
      "application/json, */*;q=0.1",
      "text/event-stream;q=0, */*",
    ],
  } as const;
  for (const [form, accepts] of Object.entries(forms)) {
    it(`come as ${form} to who accepts that rather`, () => {
      for (const accept of accepts) assert.equal(eventForm(accept), form, `${accept}`);
    });
  }

  it("do not come to who accepts neither", () => {
    for (const accept of ["text/html", "image/*", "application/json;q=0", "*/*;q=0", ",", "x"])
      assert.throws(() => eventForm(accept), { code: "not_acceptable" }, accept);
  });
});
