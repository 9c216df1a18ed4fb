// Makes values for a JSON Schema, as OpenAPI shows it: right ones, at their bounds above all, and nearly right ones. What the
// schema cannot know of a member it is told. Knows no operation and no transport.
import fc from "fast-check";
import type { Dice } from "./dice.ts";

/** As much of JSON Schema as zod writes for what crosses the wire; what is not here is refused by name. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
}

/** A JSON text that no value says: a number beyond all numbers, say. */
export class Verbatim {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** A value with Verbatims in it as JSON; what JSON has no word for is null. */
export function jsonText(value: unknown): string {
  if (value instanceof Verbatim) return value.json;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return jsonObject(Object.entries(value));
}

/** An object of these members in this order, those of one name among them. */
export function jsonObject(members: readonly (readonly [string, unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join(",")}}`;
}

/** Names that JavaScript, JSON and UTF-8 stumble over. */
export const STRANGE_NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "", "\ud800", "a.b", "x\ny"];

const TEXTS = [
  ...[
    "x",
    "ci",
    "a,b",
    "0",
    "-1",
    "1e3",
    "true",
    "null",
    "plain",
    "x.y-z_0",
    "é",
    "界",
    "e\u0301",
    "👩‍👩‍👧",
    "\u202egnp",
  ],
  ...[" ", "line\nline\r\n", "\x1b[31m", "\x1b[201~", "^(a+)+$", "(", "..", "../..", "%00", "\t", "C-x", "Up", "M-é"],
  ...STRANGE_NAMES,
];

/** Right for no schema, or for another one. */
const STRAY = [true, false, 0, -1, 1.5, "", "x", [], {}, [[]], [null], { x: 1 }, new Verbatim("1e400"), 2 ** 53];

/** Deeper than a parser may go down by calling itself, and deeper than the server takes. */
const NESTED = [60, 64, 65, 5_000].map((depth) => new Verbatim("[".repeat(depth) + "]".repeat(depth)));

const SAFE = Number.MAX_SAFE_INTEGER;
/** Lengths at a bound beyond this are tried seldom: they cost more than all the rest. */
const LONG = 5_000;
const DEPTH_MAX = 6;

/** Values that a member of this name is better given, wherever it stands; undefined for what only the schema decides. */
export type Preferred = (member: string) => unknown;

export class SchemaValues {
  readonly #dice: Dice;
  readonly #preferred: Preferred;

  constructor(dice: Dice, preferred: Preferred = () => undefined) {
    this.#dice = dice;
    this.#preferred = preferred;
  }

  /** A value that the schema takes, unless a rule forbids it that JSON Schema does not say. */
  right(schema: Schema, member = "", depth = 0): unknown {
    const preferred = this.#preferred(member);
    if (preferred !== undefined) return preferred;
    if ("const" in schema) return schema.const;
    if (schema.enum) return this.#dice.of(schema.enum);
    if (schema.anyOf) return this.right(this.#dice.of(schema.anyOf), "", depth);
    switch (schema.type) {
      case "integer":
      case "number":
        return this.#number(schema);
      case "string":
        return this.#text(schema);
      case "boolean":
        return this.#dice.chance(0.5);
      case "null":
        return null;
      case "array":
        return this.#list(schema, depth);
      case "object":
        return this.#object(schema, depth);
      case undefined:
        return this.#dice.of(STRAY);
      default:
        throw new Error(`no values are made for ${JSON.stringify(schema)}`);
    }
  }

  /** A value that is wrong in one place, most of the time. */
  wrong(schema: Schema): unknown {
    if (this.#dice.chance(0.2)) return this.#dice.of(STRAY);
    if (this.#dice.chance(0.02)) return this.#dice.of(NESTED);
    if (schema.enum) return this.#nearlyOneOf(schema.enum);
    if (schema.anyOf) return this.wrong(this.#dice.of(schema.anyOf));
    switch (schema.type) {
      case "integer":
      case "number":
        return this.#wrongNumber(schema);
      case "string":
        return this.#wrongText(schema);
      case "array":
        return this.#wrongList(schema);
      case "object":
        return this.#wrongObject(schema);
      default:
        return this.#dice.of(STRAY);
    }
  }

  #number({ minimum = -SAFE, maximum = SAFE }: Schema): number {
    const numbers = [minimum, minimum + 1, maximum, maximum - 1, 0, 1, 2, 24, 80, -3, this.#dice.below(400)];
    const fitting = numbers.filter((one) => one >= minimum && one <= maximum);
    return this.#dice.of(fitting);
  }

  #wrongNumber({ minimum = -SAFE, maximum = SAFE }: Schema): unknown {
    const texts = ["1e400", "-1e400", "1e-5", "-0", "9".repeat(30)].map((text) => new Verbatim(text));
    return this.#dice.of([minimum - 1, maximum + 1, 0.5, 1.5, "1", "", [1], ...texts]);
  }

  #text(schema: Schema): string {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
    const found = this.#dice.ofThese(
      () => this.#dice.of(TEXTS),
      () => this.#dice.of(TEXTS) + this.#dice.of(TEXTS),
      () => "x".repeat(this.#atBound(minLength, maxLength)),
    );
    const long = found.padEnd(minLength, "x").slice(0, maxLength);
    if (pattern === undefined || new RegExp(pattern).test(long)) return long;
    return this.#dice.of(textsLike(pattern));
  }

  #wrongText({ minLength = 0, maxLength = LONG, pattern }: Schema): unknown {
    return this.#dice.ofThese<unknown>(
      () => "x".repeat(Math.min(maxLength, LONG) + 1),
      () => "x".repeat(Math.max(0, minLength - 1)),
      () => `${this.#dice.of(TEXTS)}\0`,
      () => this.#dice.of(pattern === undefined ? TEXTS : [...TEXTS, " ", "=", "\0"]),
      () => [this.#dice.of(TEXTS)],
    );
  }

  #nearlyOneOf(words: readonly unknown[]): unknown {
    const word = String(this.#dice.of(words));
    return this.#dice.of(["", ` ${word}`, word.toUpperCase(), `${word}s`, [word], ...STRANGE_NAMES]);
  }

  #list(schema: Schema, depth: number): unknown[] {
    const { items = {}, minItems = 0, maxItems = 3 } = schema;
    const most = depth > DEPTH_MAX ? minItems : this.#dice.chance(0.05) ? Math.min(maxItems, 300) : minItems + 3;
    const count = Math.min(maxItems, minItems + this.#dice.below(most - minItems + 1));
    return Array.from({ length: count }, () => this.right(items, "", depth + 1));
  }

  #wrongList(schema: Schema): unknown {
    const { items = {}, minItems = 0, maxItems = 3 } = schema;
    const list = this.#list(schema, 0);
    return this.#dice.ofThese<unknown>(
      () => list.toSpliced(this.#dice.below(list.length + 1), 1, this.wrong(items)),
      () => list.slice(0, Math.max(0, minItems - 1)),
      () => Array.from({ length: Math.min(maxItems, LONG) + 1 }, () => "x"),
      () => this.right(items),
      () => ({ ...list }),
    );
  }

  #object(schema: Schema, depth: number): Record<string, unknown> {
    const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
    const known = Object.entries(properties)
      .filter(([name]) => required.includes(name) || (depth <= DEPTH_MAX && this.#dice.chance(0.4)))
      .map(([name, member]) => [name, this.right(member, name, depth + 1)] as const);
    if (typeof additionalProperties !== "object") return Object.fromEntries(known);
    const more = Array.from({ length: this.#dice.below(4) }, () => [
      this.#text(propertyNames ?? {}),
      this.right(additionalProperties, "", depth + 1),
    ]);
    return Object.fromEntries([...more, ...known]);
  }

  #wrongObject(schema: Schema): unknown {
    const { properties = {} } = schema;
    const right = this.#object(schema, 0);
    const name = this.#dice.of(Object.keys(properties));
    const member = properties[name];
    return this.#dice.ofThese<unknown>(
      () => (member ? { ...right, [name]: this.wrong(member) } : [right]),
      () => Object.fromEntries(Object.entries(right).filter(([one]) => one !== name)),
      () => Object.fromEntries([...Object.entries(right), [this.#dice.of(STRANGE_NAMES), this.#dice.of(STRAY)]]),
      () => [right],
    );
  }

  #atBound(least: number, most: number): number {
    const far = Number.isFinite(most) && (most <= LONG || this.#dice.chance(0.02)) ? most : least + 40;
    return this.#dice.of([least, least + 1, far, Math.max(least, far - 1)]);
  }
}

const likePattern = new Map<string, readonly string[]>();

/** Texts that match, the same ones in every run. */
function textsLike(pattern: string): readonly string[] {
  const known = likePattern.get(pattern);
  if (known) return known;
  const made = fc.sample(fc.stringMatching(new RegExp(pattern)), { seed: 1, numRuns: 50 });
  likePattern.set(pattern, made);
  return made;
}
