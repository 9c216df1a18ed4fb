// Which nulls of a body are left, by the schema that they are for.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { withoutIdleNulls } from "./null-members.ts";

const schema = z
  .object({
    name: z.string().nullable().optional(),
    note: z.string().optional(),
    any: z.unknown(),
    labels: z.record(z.string(), z.string().nullable()).optional(),
    env: z.record(z.string(), z.string()).optional(),
    deep: z.object({ kept: z.int().nullable(), gone: z.int().optional() }).default({ kept: null }),
    list: z.array(z.object({ kept: z.null(), gone: z.int().optional() })),
    either: z.union([z.object({ gone: z.int().optional() }), z.string()]).optional(),
  })
  .refine(() => true);

describe("a null in a body", () => {
  it("is left where the schema takes it, and is left out everywhere else", () => {
    const given = {
      name: null,
      note: null,
      any: null,
      labels: { role: null, zone: "a" },
      env: { PATH: null },
      deep: { kept: null, gone: null, unknown: null },
      list: [{ kept: null, gone: null }, null],
      either: { gone: null },
      unknown: null,
      more: { unknown: null, said: 1 },
    };
    assert.deepEqual(withoutIdleNulls(given, schema), {
      name: null,
      any: null,
      labels: { role: null, zone: "a" },
      env: {},
      deep: { kept: null },
      list: [{ kept: null }, null],
      either: {},
      more: { said: 1 },
    });
  });
});
