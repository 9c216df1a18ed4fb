// Decides which pages of other origins may speak to this server, and what they are told (Fetch standard, CORS): the origins
// that the operator names, with tokens that the page itself holds and nothing that a browser sends by itself. Pure.

/** What a page may do; no credentials, since there are no cookies here (public contract, authentication). */
const ALLOWED = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, Mcp-Session-Id, Mcp-Protocol-Version",
  // A browser asks again after this time, in seconds.
  "access-control-max-age": "600",
} as const;

export class CrossOrigin {
  readonly #origins: ReadonlySet<string>;

  /** `origins` as browsers write them: `https://app.example:8443`. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  allows(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /** Headers of every answer to a page that is allowed; null for all others. */
  headersFor(origin: string | undefined): Readonly<Record<string, string>> | null {
    if (origin === undefined || !this.allows(origin)) return null;
    // All of them: members of raw answers are headers too, and without credentials the star means all (Fetch standard).
    return { "access-control-allow-origin": origin, "access-control-expose-headers": "*", vary: "Origin" };
  }

  /** What is said, beside those, to a browser that asks before it lets the page ask. */
  get preflightHeaders(): Readonly<Record<string, string>> {
    return ALLOWED;
  }
}

/** Null for a text that is an origin as browsers write it, else what is wrong with it. */
export function originProblem(text: string): string | null {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (isWeb && url.origin === text) return null;
  const hint = isWeb ? `; write ${url.origin}` : " such as https://app.example";
  return `${JSON.stringify(text)} is no origin${hint}`;
}
