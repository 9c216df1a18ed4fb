// Decides which nulls of a JSON body say something: those that the operation's schema takes, such as a label that goes. All
// others say the same as leaving the member out, however deep they stand. Pure.
import * as z from "zod";

type Members = Readonly<Record<string, unknown>>;

/** `schema`: of an object. What it does not know is taken for null-free. */
export function withoutIdleNulls(members: Members, schema: z.ZodType | undefined): Record<string, unknown> {
  const said = Object.entries(members).flatMap(([name, value]) => {
    const of = memberOf(schema, name);
    if (value !== null) return [[name, below(value, of)]];
    return of?.safeParse(null).success ? [[name, null]] : [];
  });
  return Object.fromEntries(said);
}

function below(value: unknown, schema: z.ZodType | undefined): unknown {
  if (Array.isArray(value)) return value.map((one) => below(one, elementOf(schema)));
  const isMembers = typeof value === "object" && value !== null;
  return isMembers ? withoutIdleNulls(value as Members, schema) : value;
}

function memberOf(schema: z.ZodType | undefined, name: string): z.ZodType | undefined {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  return inner instanceof z.ZodObject && Object.hasOwn(inner.shape, name) ? inner.shape[name] : undefined;
}

function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
}

function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return isWrapped ? unwrapped(schema.unwrap() as z.ZodType) : schema;
}
