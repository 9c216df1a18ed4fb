// Holds answers to an OpenAPI document as a stranger's tools read it: its own schemas of JSON Schema 2020-12, found by the
// status and media type that came. Knows the document alone, neither the table nor zod.
import assert from "node:assert/strict";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Answer } from "./http.ts";

interface Content {
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What may stand at the top of a document (OpenAPI 3.1, 4.8.1) beside schemas, where no word but JSON Schema's is let pass. */
const OF_OPENAPI = ["openapi", "info", "servers", "paths", "components", "security"];
const ID = "document";

type Steps = readonly (string | number)[];

export class DescribedAnswers {
  readonly #ajv = new Ajv2020({ strict: true, strictRequired: true, allowUnionTypes: true, validateFormats: false });
  /** Where each operation stands, by its id. */
  readonly #places = new Map<string, { readonly steps: Steps; readonly operation: Operation }>();

  /** Throws for a document with a schema that is none, or that points to what is not there. */
  constructor(document: Document) {
    this.#ajv.addVocabulary(OF_OPENAPI);
    this.#ajv.addSchema({ ...document, $id: ID });
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        this.#places.set(operation.operationId, { steps: ["paths", path, method], operation });
        for (const steps of schemasOf(operation)) this.#compiled(["paths", path, method, ...steps]);
      }
    }
  }

  /** Throws an AssertionError for an answer that the document does not describe. */
  check(operationId: string, { status, headers, json }: Answer): void {
    const place = this.#places.get(operationId);
    assert.ok(place, `${operationId} is not described`);
    const response = place.operation.responses[status];
    assert.ok(response, `${operationId} does not tell ${status}`);
    if (!response.content) return;
    const type = String(headers["content-type"]);
    assert.ok(type in response.content, `${operationId} does not tell ${type}`);
    if (type !== "application/json") return;
    const validate = this.#compiled([...place.steps, "responses", status, "content", type, "schema"]);
    assert.ok(validate(json), `not as ${operationId} describes it: ${told(validate.errors)}`);
  }

  #compiled(steps: Steps): ValidateFunction {
    const $ref = `${ID}#/${steps.map((step) => encodeURIComponent(pointed(String(step)))).join("/")}`;
    return this.#ajv.getSchema($ref) ?? this.#ajv.compile({ $ref });
  }
}

/** What is wrong, and where. */
export function told(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join("; ");
}

/** A step of a JSON pointer (RFC 6901). */
function pointed(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

function schemasOf({ parameters, requestBody, responses }: Operation): Steps[] {
  const contents = (place: Steps, content: Readonly<Record<string, Content>> = {}) =>
    Object.keys(content).map((type) => [...place, "content", type, "schema"]);
  return [
    ...parameters.map((_, index) => ["parameters", index, "schema"]),
    ...contents(["requestBody"], requestBody?.content),
    ...Object.entries(responses).flatMap(([status, { content }]) => contents(["responses", status], content)),
  ];
}
