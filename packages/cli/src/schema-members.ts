// Reads the members of an operation's input from its schema, and turns texts of a command line into their values. Loads the
// schema library: only for command lines that need it.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation } from "@fleetty/protocol/operations";
import * as z from "zod";

/** How a value is written on a command line. `json`: an object, written as JSON. */
type MemberKind = "text" | "integer" | "switch" | "list" | "map" | "json";

export interface SchemaMember {
  readonly name: string;
  readonly kind: MemberKind;
  readonly says: string;
  /** The only words that it takes. */
  readonly words: readonly string[] | undefined;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** Members in the order of the schema. */
export async function schemaMembers(row: AnyOperation): Promise<SchemaMember[]> {
  const schemas = await row.schemas();
  const shape = z.toJSONSchema(schemas.input, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return Object.entries(shape.properties ?? {}).map(([name, schema]) => ({
    name,
    kind: kindOf(schema),
    says: schema.description ?? "",
    words: wordsOf(schema.items ?? schema),
  }));
}

function kindOf(schema: JsonSchema): MemberKind {
  if (schema.type === "integer" || schema.type === "number") return "integer";
  if (schema.type === "boolean") return "switch";
  if (schema.type === "string" || schema.enum) return "text";
  if (schema.type === "array" && schema.items?.type === "string") return "list";
  const values = schema.additionalProperties;
  if (schema.type === "object" && typeof values === "object" && values.type === "string") return "map";
  return "json";
}

function wordsOf(schema: JsonSchema): readonly string[] | undefined {
  return schema.enum?.every((word) => typeof word === "string") ? (schema.enum as string[]) : undefined;
}

/** The value that `texts`, one or several, say. Throws `invalid_request`. */
export function memberValue({ name, kind }: SchemaMember, texts: readonly string[]): unknown {
  const last = texts.at(-1) ?? "";
  if (kind === "text") return last;
  if (kind === "list") return texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
  if (kind === "map") return Object.fromEntries(texts.map((text) => pair(name, text)));
  return parsed(name, last);
}

function pair(name: string, text: string): [string, string] {
  const cut = text.indexOf("=");
  if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)];
  throw new FleettyError("invalid_request", `${name} takes NAME=VALUE, not ${JSON.stringify(text)}`);
}

/** A whole number, true or false, or an object: all of them are written as JSON. */
function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FleettyError("invalid_request", `${name} cannot be ${JSON.stringify(text)}`, { field: name }, { cause });
  }
}
