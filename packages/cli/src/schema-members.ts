// Reads the members of an operation's input from its schema, and turns texts of a command line into their values. Loads the
// schema library: only for command lines that need it.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation, Schemas } from "@fleetty/protocol/operations";
import { fromText, type TextForms, textForms } from "@fleetty/protocol/strings";
import * as z from "zod";

/** How a value is written on a command line. `map`: NAME=VALUE, given again for each; `json`: an object. */
type MemberKind = "text" | "integer" | "boolean" | "list" | "map" | "json";

export interface SchemaMember {
  readonly name: string;
  readonly kind: MemberKind;
  readonly says: string;
  /** The only words that it takes. */
  readonly words: readonly string[] | undefined;
  /** Those of all members of the input, for the conversion. */
  readonly forms: TextForms;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** Members in the order of the schema. */
export async function schemaMembers(row: AnyOperation): Promise<SchemaMember[]> {
  const { input } = (await row.schemas()) as Schemas;
  const shape = z.toJSONSchema(input, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const forms = textForms(input);
  return Object.entries(shape.properties ?? {}).map(([name, schema]) => ({
    name,
    kind: isMap(schema) ? "map" : (forms.get(name) ?? "text"),
    says: schema.description ?? "",
    words: wordsOf(schema.items ?? schema),
    forms,
  }));
}

function isMap({ type, additionalProperties: values }: JsonSchema): boolean {
  return type === "object" && typeof values === "object" && values.type === "string";
}

function wordsOf(schema: JsonSchema): readonly string[] | undefined {
  return schema.enum?.every((word) => typeof word === "string") ? (schema.enum as string[]) : undefined;
}

/** The value that `texts`, one or several, say. Throws `invalid_request` or `invalid_query`. */
export function memberValue({ name, kind, forms }: SchemaMember, texts: readonly string[]): unknown {
  const last = texts.at(-1) ?? "";
  if (kind === "map") return Object.fromEntries(texts.map((text) => pair(name, text)));
  if (kind === "list") return fromText(forms, name, texts.join(","));
  // One that can be an object or a word: what does not look like JSON is the word.
  if (kind === "json" && !/^\s*[[{"\d]/.test(last)) return last;
  return fromText(forms, name, last);
}

function pair(name: string, text: string): [string, string] {
  const cut = text.indexOf("=");
  if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)];
  throw new FleettyError("invalid_request", `${name} takes NAME=VALUE, not ${JSON.stringify(text)}`);
}
