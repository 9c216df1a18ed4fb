// The one conversion of texts to the values that a schema wants, for what arrives in a query. Loads the schema library.
import * as z from "zod";
import { FleettyError } from "./errors.ts";

type Kind = "integer" | "boolean" | "list" | "text" | "json";

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** How each member of an input is written as text. */
export type TextForms = ReadonlyMap<string, Kind>;

/** The forms of an object schema's members. */
export function textForms(schema: z.ZodType): TextForms {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return new Map(Object.entries(properties).map(([name, member]) => [name, kindOf(member)]));
}

/** Throws `invalid_query {field}` for a text that is not of its form. */
export function fromText(forms: TextForms, field: string, text: string): unknown {
  switch (forms.get(field)) {
    case "integer":
      return /^-?\d{1,16}$/.test(text) ? Number(text) : unusable(field, text, "a whole number");
    case "boolean":
      return booleans.get(text) ?? unusable(field, text, "true or false");
    case "list":
      return text.split(",").filter((word) => word !== "");
    case "json":
      return parsed(field, text);
    default:
      return text;
  }
}

const booleans = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** One that may be null is written as what it is otherwise. */
function kindOf(schema: JsonSchema): Kind {
  const [only, ...others] = schema.anyOf?.filter(({ type }) => type !== "null") ?? [];
  if (only && others.length === 0) return kindOf(only);
  if (schema.type === "integer" || schema.type === "number") return "integer";
  if (schema.type === "boolean") return "boolean";
  if (schema.type === "array" && schema.items?.type === "string") return "list";
  return schema.type === "string" || schema.enum ? "text" : "json";
}

function parsed(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unusable(field, text, "JSON");
  }
}

function unusable(field: string, text: string, wanted: string): never {
  const message = `${field} is to be ${wanted}, not ${JSON.stringify(text.slice(0, 80))}`;
  throw new FleettyError("invalid_query", message, { field });
}
