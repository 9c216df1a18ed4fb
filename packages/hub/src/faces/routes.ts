// Finds the row of the table that a request means, and what its path says. Made once from the table; knows no operation.
import { FleettyError } from "@fleetty/protocol/errors";
import { type HttpForm, httpForm, type Segment } from "@fleetty/protocol/http-form";
import { type AnyOperation, type OperationName, operations, type Schemas } from "@fleetty/protocol/operations";
import { type TextForms, textForms } from "@fleetty/protocol/strings";
import type * as z from "zod";

/** A row with all that a request to it needs, made once. */
export interface Route {
  readonly row: AnyOperation & { readonly name: OperationName };
  readonly form: HttpForm;
  readonly input: z.ZodType;
  readonly forms: TextForms;
}

export interface Found {
  readonly route: Route;
  /** Members that stood in the path, decoded once. */
  readonly members: Readonly<Record<string, string>>;
}

/** What probes look at answers at the root too, whatever the base prefix (public contract, ways in). */
const AT_THE_ROOT: ReadonlySet<string> = new Set(["/health", "/healthz", "/readyz"]);

export class Routes {
  /** By the number of segments of their path. */
  readonly #routes: ReadonlyMap<number, readonly Route[]>;
  readonly #prefixes: readonly string[];

  private constructor(routes: ReadonlyMap<number, readonly Route[]>, prefixes: readonly string[]) {
    this.#routes = routes;
    this.#prefixes = prefixes;
  }

  static async load(): Promise<Routes> {
    const rows = Object.values(operations) as Route["row"][];
    const routes = await Promise.all(
      rows.flatMap((row) => {
        const paths =
          row.http === null ? [] : [row.http, ...(row.aliases ?? []).map((path) => aliasOf(row.http, path))];
        return paths.map((http) => withSchemas(row, httpForm({ ...row, http }) as HttpForm));
      }),
    );
    const byLength = Map.groupBy(routes, ({ form }) => form.segments.length);
    return new Routes(byLength, [""]);
  }

  /** The same below each of these: `""` or `/base`. */
  below(...prefixes: readonly string[]): Routes {
    return new Routes(this.#routes, prefixes);
  }

  /** `path` as it was sent, without the query. Throws `not_found`, or `method_not_allowed` with what is allowed. */
  find(method: string, path: string): Found {
    const below = this.#inTable(path);
    const segments = below.startsWith("/") ? below.slice(1).split("/") : [];
    const routes = this.#routes.get(segments.length) ?? [];
    const wanted = method === "HEAD" ? "GET" : method;
    const route = routes.find(({ form }) => form.method === wanted && fits(form.segments, segments));
    if (route) return { route, members: membersOf(route.form.segments, segments) };
    const matching = routes.filter(({ form }) => fits(form.segments, segments));
    if (matching.length > 0) throw new MethodNotAllowed(method, allowed(matching));
    throw new FleettyError(
      "not_found",
      `there is nothing at ${JSON.stringify(path.slice(0, 200))}; see GET ${this.#prefixes[0]}/openapi.json`,
    );
  }

  /** The path as the table has it; what is below no prefix is in no table. */
  #inTable(path: string): string {
    if (AT_THE_ROOT.has(path)) return path;
    const prefix = this.#prefixes.find((one) => path.startsWith(`${one}/`));
    return prefix === undefined ? "" : path.slice(prefix.length);
  }
}

/** Carries what the `Allow` header says. */
export class MethodNotAllowed extends FleettyError {
  readonly allow: string;

  constructor(method: string, allow: readonly string[]) {
    super("method_not_allowed", `${method.slice(0, 20)} does nothing here; ${allow.join(" or ")} does`, { allow });
    this.allow = allow.join(", ");
  }
}

/** The same method at another path. */
function aliasOf(http: AnyOperation["http"], path: `/${string}`): NonNullable<AnyOperation["http"]> {
  return `${http?.split(" ")[0] as "GET"} ${path}`;
}

async function withSchemas(row: Route["row"], form: HttpForm): Promise<Route> {
  const { input }: Schemas = await row.schemas();
  let forms: TextForms | undefined;
  return {
    row,
    form,
    input,
    // When it is first asked for: those of all rows are a good part of a start (40 ms, measured).
    get forms() {
      forms ??= textForms(input);
      return forms;
    },
  };
}

function allowed(routes: readonly Route[]): string[] {
  const methods = routes.map(({ form }) => form.method);
  return methods.includes("GET") ? [...methods, "HEAD"] : methods;
}

/** Both are of one length. */
function fits(pattern: readonly Segment[], segments: readonly string[]): boolean {
  return pattern.every((one, index) => ("text" in one ? one.text === segments[index] : segments[index] !== ""));
}

function membersOf(pattern: readonly Segment[], segments: readonly string[]): Record<string, string> {
  const members: Record<string, string> = {};
  for (const [index, one] of pattern.entries()) {
    if ("member" in one) members[one.member] = decodeOnce(segments[index] ?? "");
  }
  return members;
}

function decodeOnce(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new FleettyError("invalid_request", `${JSON.stringify(text.slice(0, 80))} is not percent-encoded UTF-8`, {
      field: "path",
    });
  }
}
