// Reads the members of an operation's input from its schema, and turns texts of a command line into their values. Loads the
// schema library: only for command lines that need it.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation, Schemas } from "@fleetty/protocol/operations";
import { fromText, type TextForms, textForms } from "@fleetty/protocol/strings";
import * as z from "zod";
import type { Comfort } from "./comfort.ts";

/** How a value is written on a command line. `map`: NAME=VALUE, given again for each; `json`: an object. */
type MemberKind = "text" | "integer" | "boolean" | "list" | "map" | "json";

export interface SchemaMember {
  readonly name: string;
  readonly kind: MemberKind;
  readonly says: string;
  /** Null takes away what it names, and is no text. */
  readonly isNullable: boolean;
  /** The only words that it takes. */
  readonly words: readonly string[] | undefined;
  /** The operation is refused without it. */
  readonly isRequired: boolean;
  /** Of a `json` one: a word does as well. */
  readonly takesWord: boolean;
  /** Those of all members of the input, for the conversion. */
  readonly forms: TextForms;
}

/** The option that a member is on a command line. */
export function optionOf(name: string, comfort: Comfort | null): `--${string}` {
  return comfort?.called?.[name] ?? `--${name.replaceAll("_", "-")}`;
}

/** The option that says null of a member that can be null. */
export function noOptionOf(name: string, comfort: Comfort | null): `--no-${string}` {
  return `--no-${optionOf(name, comfort).slice(2)}`;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
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
    isNullable: schema.anyOf?.some(({ type }) => type === "null") ?? false,
    words: wordsOf(schema.items ?? schema),
    isRequired: shape.required?.includes(name) ?? false,
    takesWord: schema.anyOf?.some(({ type }) => type === "string") ?? false,
    forms,
  }));
}

function isMap({ type, additionalProperties: values }: JsonSchema): boolean {
  return type === "object" && typeof values === "object" && isText(values);
}

function isText({ type, anyOf = [] }: JsonSchema): boolean {
  return type === "string" || (anyOf.length > 0 && anyOf.every(isText));
}

function wordsOf(schema: JsonSchema): readonly string[] | undefined {
  return schema.enum?.every((word) => typeof word === "string") ? (schema.enum as string[]) : undefined;
}

/** The value that `texts`, one or several, say. Throws `invalid_request` or `invalid_query`. */
export function memberValue({ name, kind, forms }: SchemaMember, texts: readonly string[]): unknown {
  const last = texts.at(-1) ?? "";
  if (kind === "map") return Object.assign({}, ...texts.map((text) => pairs(forms, name, text)));
  if (kind === "list") return fromText(forms, name, texts.join(","));
  // One that can be an object or a word: what does not look like JSON is the word.
  if (kind === "json" && !/^\s*[[{"\d]/.test(last)) return last;
  return fromText(forms, name, last);
}

/** NAME=VALUE, or an object as JSON. */
function pairs(forms: TextForms, name: string, text: string): object {
  if (text.startsWith("{")) return fromText(forms, name, text) as object;
  const cut = text.indexOf("=");
  if (cut > 0) return { [text.slice(0, cut)]: text.slice(cut + 1) };
  throw new FleettyError("invalid_request", `${name} takes NAME=VALUE, not ${JSON.stringify(text)}`);
}
