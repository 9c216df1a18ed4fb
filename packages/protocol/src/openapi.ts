// Describes the API as OpenAPI 3.1, from the operation table alone.
import * as z from "zod";
import { catalogue, type ErrorCode } from "./errors.ts";
import { type HttpForm, httpForm } from "./http-form.ts";
import { type AnyOperation, operations } from "./operations/index.ts";
import { refusalsOf } from "./refusals.ts";

/** Of a schema, as JSON Schema 2020-12. */
export type JsonSchema = Record<string, unknown> & { properties?: Record<string, JsonSchema>; required?: string[] };

/** The document, of this version of the program, whose paths lie below `basePrefix`. */
export async function openapiDocument(version: string, basePrefix = ""): Promise<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const row of Object.values(operations) as AnyOperation[]) {
    const form = httpForm(row);
    if (!form) continue;
    paths[form.path] = { ...paths[form.path], [form.method.toLowerCase()]: await describe(row, form) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "fleetty", version, description: "Every terminal of a fleet behind one API." },
    ...(basePrefix !== "" && { servers: [{ url: basePrefix }] }),
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Error: errorSchema },
    },
    security: [{ token: [] }],
  };
}

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" }, details: { type: "object" } },
    },
  },
};

async function describe(row: AnyOperation, form: HttpForm): Promise<Record<string, unknown>> {
  const { input, output } = await row.schemas();
  const shape = jsonSchema(input);
  return {
    operationId: row.name,
    summary: row.summary,
    ...(row.verb === "public" && { security: [] }),
    parameters: [...parameters(row, form, shape), ...(row.keyed ? [keyParameter] : [])],
    ...requestBody(row, form, shape),
    responses: { ...success(row, output), ...refusals(await refusalsOf(row)) },
  };
}

/** Open: what a newer server adds does not break an older reader. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest as JsonSchema;
}

function parameters(row: AnyOperation, form: HttpForm, shape: JsonSchema) {
  const all = Object.entries(shape.properties ?? {}).filter(([name]) => name !== row.octets?.body);
  return all
    .filter(([name]) => form.pathMembers.includes(name) || form.rest !== "json" || name === "server")
    .map(([name, schema]) => {
      const isPath = form.pathMembers.includes(name);
      const required = isPath || (shape.required?.includes(name) ?? false);
      return {
        name,
        in: isPath ? "path" : "query",
        required,
        schema,
        ...(schema["type"] === "array" && { explode: false }),
      };
    });
}

const keyParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "the same key and body within 24 h: the first answer again, with Idempotency-Replayed: true",
  schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,128}$" },
};

function requestBody(row: AnyOperation, form: HttpForm, shape: JsonSchema) {
  if (form.rest === "octets") {
    return {
      requestBody: {
        required: true,
        content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
      },
    };
  }
  if (form.rest !== "json") return {};
  const properties = Object.fromEntries(
    Object.entries(shape.properties ?? {}).filter(([name]) => !form.pathMembers.includes(name)),
  );
  const required = (shape.required ?? []).filter((name) => !form.pathMembers.includes(name));
  const schema = {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: row.core,
  };
  return { requestBody: { required: required.length > 0, content: { "application/json": { schema } } } };
}

function success(row: AnyOperation, output: z.ZodType) {
  if (row.kind === "stream") return { 101: { description: "the stream begins" } };
  if (row.status === 204) return { 204: { description: "done" } };
  if (row.text) {
    return { [row.status]: { description: "done", content: { [row.text.mediaType]: { schema: { type: "string" } } } } };
  }
  const events = row.kind === "events" ? { "text/event-stream": { schema: { type: "string" } } } : {};
  const octets = row.octets?.answer
    ? { "application/octet-stream": { schema: { type: "string", format: "binary" } } }
    : {};
  const done = {
    description: "done",
    content: { "application/json": { schema: jsonSchema(output) }, ...octets, ...events },
  };
  return { [row.status]: done, ...(row.statusException && { [row.statusException.status]: done }) };
}

function refusals(codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = catalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: all.join(", "),
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    ]),
  );
}
