// Holds what we answer to the table more strictly than a reader may: a member that its row does not tell of is a defect of
// ours, though readers must pass over it. Outputs are open for their sake; here they are closed. Knows no operation and no face.

import type { AnyOperation } from "@fleetty/protocol/operations";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as z from "zod";
import { told } from "./described-answers.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

interface Output {
  readonly zod: z.ZodType;
  readonly closed: ValidateFunction;
  /** The same, with members left out. */
  readonly part: ValidateFunction;
}

export class StrictOutputs {
  readonly #ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  readonly #compiled = new Map<string, Output>();

  static async of(rows: readonly AnyOperation[]): Promise<StrictOutputs> {
    const outputs = new StrictOutputs();
    for (const row of rows) outputs.#take(row.name, (await row.schemas()).output);
    return outputs;
  }

  /** What is wrong with the output of that operation; null when nothing is. */
  problem(operation: string, output: unknown): string | null {
    const schemas = this.#compiled.get(operation);
    if (!schemas) return `${operation} has no output`;
    const read = schemas.zod.safeParse(output);
    if (!read.success) return z.prettifyError(read.error);
    return schemas.closed(output) ? null : told(schemas.closed.errors);
  }

  /** The same where a face tells only some members of it. */
  problemOfPart(operation: string, output: unknown): string | null {
    const schemas = this.#compiled.get(operation);
    if (!schemas) return `${operation} has no output`;
    return schemas.part(output) ? null : told(schemas.part.errors);
  }

  #take(name: string, output: z.ZodType): void {
    const { $schema: _, ...open } = z.toJSONSchema(output, { io: "input", unrepresentable: "any" });
    const { required: __, ...part } = closed(open) as JsonSchema;
    this.#compiled.set(name, {
      zod: output,
      closed: this.#ajv.compile(closed(open) as JsonSchema),
      part: this.#ajv.compile(part),
    });
  }
}

/**
 * The same schema with every object closed that tells its members, in itself or in one of the forms that it may have. One that
 * tells none is of any form; one with a schema for the members that it does not name is a map.
 */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const { anyOf, properties } = schema as JsonSchema & { readonly anyOf?: readonly JsonSchema[] };
  if (anyOf && properties) return closedAround(schema as JsonSchema, anyOf);
  const inner = Object.fromEntries(Object.entries(schema).map(([word, value]) => [word, closed(value)]));
  return isLoose(inner) ? { ...inner, additionalProperties: false } : inner;
}

/** What one of the forms names is known, and what stands beside them. */
function closedAround(
  { anyOf: _, additionalProperties: __, ...beside }: JsonSchema,
  forms: readonly JsonSchema[],
): JsonSchema {
  const anyOf = forms.map((form) => {
    const { additionalProperties: ___, ...opened } = closed(form) as JsonSchema;
    return opened;
  });
  return { ...(closed(beside) as JsonSchema), anyOf, unevaluatedProperties: false };
}

function isLoose({ properties = {}, additionalProperties, propertyNames }: JsonSchema): boolean {
  return propertyNames === undefined && isEmpty(additionalProperties) && !isEmpty(properties);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
