// The description of the API is made once, however often and in whichever form it is asked for.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ApiDocument } from "./api-document.ts";

it("is made when it is first asked for, and once", async () => {
  let made = 0;
  const openapi = async () => ({ openapi: "3.1.0", made: ++made });
  const document = new ApiDocument({ openapi, guide: async () => `made: ${++made}` });
  assert.equal(made, 0);
  const [yaml, json, again] = await Promise.all([document.yaml(), document.get(), document.get()]);
  assert.deepEqual([yaml, json, again, made], ["openapi: 3.1.0\nmade: 1\n", { openapi: "3.1.0", made: 1 }, json, 1]);
  assert.equal(document.yaml(), document.yaml());
  assert.deepEqual([await document.guide(), await document.guide()], ["made: 2", "made: 2"]);
});
