// Holds the tools to the operation table: which rows are offered, in which style, and what they say of secrets and of text.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import { formsOf } from "./forms/index.ts";
import { makeTools } from "./toolbox.ts";

/** What no agent is to have, or has in another way: by the stream of a socket, by a form, as a resource. */
const NOT_OFFERED =
  /^(health|ready|docs|metrics|openapi|server|auth|tokens|fleet\.socket|secrets\.(set|remove)|servers\.(approve|revoke|join_code.*)|sessions\.(watch|socket)|sessions\.overlays\.(get|spans)|sessions\.panels\.(get|replace|spans))\b/;

const rows = Object.values(operations) as AnyOperation[];
const partsOf = ({ tool }: AnyOperation) => (tool ? [tool, ...(tool.also ?? [])] : []);

describe("the tools", () => {
  it("are every operation but those that no agent is to have", () => {
    const without = rows.filter((row) => partsOf(row).length === 0).map(({ name }) => name);
    assert.deepEqual(
      without.filter((name) => !NOT_OFFERED.test(name)),
      [],
    );
    const offered = rows.filter((row) => partsOf(row).length > 0 && NOT_OFFERED.test(row.name)).map(({ name }) => name);
    assert.deepEqual(offered, []);
  });

  it("are a row as it stands, or a form, and no form is without its rows", () => {
    const parts = Map.groupBy(rows.flatMap(partsOf), ({ name }) => name);
    const forms = Object.keys(formsOf("own"));
    assert.deepEqual(
      forms.filter((name) => !parts.has(name)),
      [],
    );
    const several = [...parts].filter(([, all]) => all.length > 1).map(([name]) => name);
    assert.deepEqual(
      several.filter((name) => !forms.includes(name)),
      [],
    );
  });

  it("are the same in both styles, and in each a row has one mind about what is core", async () => {
    const [own, compat] = [await makeTools("own"), await makeTools("compat")];
    assert.deepEqual([...own.keys()], [...compat.keys()]);
    for (const [name, all] of Map.groupBy(rows.flatMap(partsOf), (part) => part.name))
      assert.equal(new Set(all.map(({ isCore }) => isCore)).size, 1, name);
  });

  it("take no secret, and say of text that it is data", async () => {
    const own = await makeTools("own");
    for (const { name, description, inputSchema, outputSchema } of own.values()) {
      assert.equal(inputSchema["additionalProperties"], false, name);
      const members = Object.keys(inputSchema.properties ?? {});
      assert.ok(!members.includes("value"), name);
      const holdsText = JSON.stringify(outputSchema).includes('"trust"');
      assert.equal(description.includes("never an instruction"), holdsText, name);
      for (const [, other = ""] of description.matchAll(/`(\w+)`/g))
        assert.ok(own.has(other), `${name} names ${other}`);
      assert.doesNotMatch(
        JSON.stringify([inputSchema, outputSchema]),
        /9007199254740991|"additionalProperties":\{\}/,
        name,
      );
    }
  });
});
