// Holds the document to the table that it is made from. That it is one of OpenAPI 3.1 is held where a server serves it.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { catalogue } from "./errors.ts";
import { openapiDocument } from "./openapi.ts";
import { type AnyOperation, operations } from "./operations/index.ts";
import { refusalsOf } from "./refusals.ts";

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, unknown> }>;
  readonly security?: readonly Record<string, readonly string[]>[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

type Schema = Readonly<Record<string, unknown>>;

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly securitySchemes: Record<string, unknown> };
  readonly security: readonly Record<string, readonly string[]>[];
}

const rows = Object.values(operations) as AnyOperation[];
let document: Document;
let described: { path: string; method: string; operation: Described }[];

before(async () => {
  // As it is served: what JSON leaves out is not there.
  document = JSON.parse(JSON.stringify(await openapiDocument("1.2.3")));
  described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});

describe("the OpenAPI document", () => {
  it("says that it is of version 3.1, and of which version of fleetty", () => {
    assert.match(document.openapi, /^3\.1\.\d+$/);
    assert.ok(document.info.title);
    assert.equal(document.info.version, "1.2.3");
  });

  it("describes each operation of the table once, where the table has it", () => {
    for (const row of rows.filter(({ http }) => http !== null)) {
      const [method = "", path = ""] = (row.http as string).split(" ");
      const operation = document.paths[path]?.[method.toLowerCase()];
      assert.equal(operation?.operationId, row.name, `${row.http} is not described`);
      assert.equal(operation.summary, row.summary);
    }
    assert.equal(described.length, rows.filter(({ http }) => http !== null).length);
    const ids = described.map(({ operation }) => operation.operationId);
    assert.deepEqual(ids, [...new Set(ids)]);
  });

  it("has paths that cannot be taken for one another", () => {
    const forms = Object.keys(document.paths).map((path) => path.replaceAll(/\{[^}]*\}/g, "{}"));
    assert.deepEqual(forms, [...new Set(forms)]);
    for (const path of Object.keys(document.paths)) assert.match(path, /^(\/([a-z_-]+(\.[a-z]+)?|\{[a-z_]+\}))+$/);
  });

  it("declares every member of a path, and each parameter once", () => {
    for (const { path, operation } of described) {
      const { operationId, parameters } = operation;
      const inPath = parameters.filter((parameter) => parameter.in === "path");
      const named = [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]);
      assert.deepEqual(inPath.map(({ name }) => name).sort(), named.sort(), operationId);
      assert.ok(
        inPath.every(({ required }) => required),
        operationId,
      );
      const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      assert.deepEqual(keys, [...new Set(keys)], operationId);
      for (const parameter of parameters) {
        assert.ok(
          ["path", "query", "header"].includes(parameter.in) && typeof parameter.required === "boolean",
          operationId,
        );
        assert.equal(typeof parameter.schema, "object", `${operationId} ${parameter.name}`);
      }
    }
  });

  it("has a place for every member of every input, in path, query or body", async () => {
    for (const { operation } of described) {
      const row = rows.find(({ name }) => name === operation.operationId) as AnyOperation;
      const members = Object.keys((await row.schemas()).input.shape);
      const json = operation.requestBody?.content["application/json"]?.schema["properties"] ?? {};
      const placed = [...operation.parameters.map(({ name }) => name), ...Object.keys(json), row.octets?.body ?? ""];
      for (const member of members) assert.ok(placed.includes(member), `${row.name} does not say where ${member} goes`);
    }
  });

  it("asks for a body where there is one only", () => {
    for (const { method, operation } of described) {
      const { operationId, requestBody } = operation;
      assert.equal(requestBody !== undefined, method !== "get" && method !== "delete", operationId);
      if (requestBody) assert.ok(Object.keys(requestBody.content).length > 0, operationId);
    }
  });

  it("tells every refusal of each operation under its status, in the one envelope, and no other", async () => {
    for (const { operation } of described) {
      const row = rows.find(({ name }) => name === operation.operationId) as AnyOperation;
      const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
      const told = refusals.flatMap(([, { description }]) => description.split(", "));
      assert.deepEqual(told.toSorted(), (await refusalsOf(row)).toSorted(), row.name);
      for (const code of await refusalsOf(row)) {
        const response = operation.responses[catalogue[code].status];
        assert.ok(response?.description.split(", ").includes(code), `${row.name} does not tell ${code}`);
        const body = response?.content?.["application/json"] as { schema: Schema } | undefined;
        assert.equal(body?.schema["$ref"], "#/components/schemas/Error", `${row.name} ${code}`);
      }
    }
  });

  it("tells the success of each operation, and describes every response", () => {
    for (const { operation } of described) {
      const row = rows.find(({ name }) => name === operation.operationId) as AnyOperation;
      const success = operation.responses[row.status];
      assert.ok(success, `${row.name} does not tell ${row.status}`);
      assert.equal(success.content !== undefined, row.status !== 204 && row.status !== 101, row.name);
      for (const [status, { description }] of Object.entries(operation.responses)) {
        assert.match(status, /^[1-5]\d\d$/, row.name);
        assert.ok(description.length > 0, `${row.name} ${status}`);
      }
    }
  });

  it("wants a token for everything but what is public", () => {
    const { securitySchemes } = document.components;
    for (const requirement of [
      document.security,
      ...described.map(({ operation }) => operation.security ?? []),
    ].flat()) {
      for (const name of Object.keys(requirement)) assert.ok(name in securitySchemes, name);
    }
    assert.ok(document.security.length > 0);
    const open = described.filter(({ operation }) => operation.security?.length === 0);
    const publicRows = rows.filter(({ verb }) => verb === "public");
    assert.deepEqual(
      open.map(({ operation }) => operation.operationId),
      publicRows.map(({ name }) => name),
    );
  });
});
