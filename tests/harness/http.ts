// Asks over HTTP with nothing but Node: what a stranger's client would send and see.
import type { IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

// The named exports of an imported node:http load its whole fetch, which every test would wait for; the module object does not.
const { request: httpRequest } = process.getBuiltinModule("node:http");

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
  readonly json: any;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  /** JSON unless it is bytes or text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A unix socket, or a TCP address with the token that it wants; over TLS when it says whose certificates to trust. */
export type Where =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly token?: string;
      readonly ca?: string;
      /** Name that the certificate is to have; that of `Host` otherwise. */
      readonly servername?: string;
      /** Address that the request comes from. */
      readonly localAddress?: string;
    };

/** Resolves with the answer, whatever its status; rejects when there is none. */
export function ask(where: Where, { method, path, body, headers = {}, signal }: Ask): Promise<Answer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const payload =
    body === undefined ? undefined : isRaw ? Buffer.from(body as string) : Buffer.from(JSON.stringify(body));
  const token = "token" in where && where.token !== undefined ? { authorization: `Bearer ${where.token}` } : {};
  const type = body === undefined || isRaw ? {} : { "content-type": "application/json" };
  const options = {
    ...where,
    path,
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...type, ...token, ...headers },
    agent: false,
    ...(signal && { signal }),
  } as const;
  return new Promise((resolve, reject) => {
    const asked = ("ca" in where ? httpsRequest : httpRequest)(options, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("error", reject);
      response.once("end", () => {
        const whole = Buffer.concat(pieces);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, json: parsed(whole) });
      });
    });
    // A stream was asked for and granted: who wants one asks otherwise.
    asked.once("upgrade", ({ headers: granted }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: granted, body: Buffer.of(), json: undefined });
    });
    asked.once("error", reject);
    asked.end(payload);
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
