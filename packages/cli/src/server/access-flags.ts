// Decides who may reach a server over TCP, and how, from its flags: names, pages, proxies, limits, TLS and the base prefix.
// A part of the server's configuration; reads no file.
import { originProblem } from "@fleetty/hub/auth/cross-origin";
import { isLoopback } from "@fleetty/hub/auth/peer-address";
import { TrustedProxies } from "@fleetty/hub/auth/trusted-proxies";
import type { AccessRules } from "@fleetty/hub/faces/tcp-access";
import * as z from "zod";
import { unusable } from "./settings.ts";

/** Also what a hostname looks like, port and all else left out. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
/** Unreserved characters (RFC 3986, 2.3), so that nothing about it has to be encoded; `.` and `..` are no segments. */
const BASE_PREFIX = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/;

/** Flags of the server, by name. */
export const accessFlags = {
  "tls-cert": z.string().optional().describe("file with the certificate chain in PEM: TCP speaks TLS (with --tls-key)"),
  "tls-key": z.string().optional().describe("file with its private key in PEM; both are read again on SIGHUP"),
  "base-prefix": z
    .string()
    .regex(BASE_PREFIX, "is no path such as /fleetty, without a slash at its end")
    .default("")
    .describe("path below which everything lies; health answers at the root too"),
  "allow-host": z
    .array(z.string().regex(NAME, "is no name without a port"))
    .default([])
    .describe("also answer TCP requests made to this name (repeatable)"),
  "allow-origin": z
    .array(z.string())
    .default([])
    .describe("let pages of this origin speak to the server, such as https://app.example (repeatable)"),
  "cors-origin": z.array(z.string()).default([]).describe("the same as --allow-origin"),
  "trust-proxy": z
    .array(z.string())
    .default([])
    .describe("believe X-Forwarded-Proto and -For of this address or network (repeatable)"),
  "rate-limit": z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe("requests per second of one principal on TCP (default: 100 beyond loopback, else none)"),
  "max-connections": z.coerce.number().int().min(1).max(1_000_000).default(4096).describe("TCP connections at once"),
  "no-auth": z.boolean().default(false).describe("want no token on TCP; only where every --bind is a loopback address"),
};

/** How whoever gave a setting knows it: its flag, its variable, or its place in the file. */
type Called = (name: string) => string;

type AccessFlags = z.infer<z.ZodObject<typeof accessFlags>>;

export interface AccessConfig extends Omit<AccessRules, "certificate"> {
  /** Files of certificate and key; null without TLS. */
  readonly certificateFiles: { readonly cert: string; readonly key: string } | null;
  /** Binds that others can reach and that carry tokens in the clear. */
  readonly plaintextBinds: readonly string[];
}

/** Throws `invalid_request` naming the setting as `called` does. */
export function readAccess(
  flags: AccessFlags,
  binds: readonly { host: string; port: number }[],
  called: Called,
): AccessConfig {
  const exposed = binds.filter(({ host }) => !isLoopback(host)).map(({ host }) => host);
  const isOpen = flags["no-auth"];
  if (isOpen && exposed.length > 0) {
    throw unusable(called("no-auth"), `${exposed[0]} can be reached by others; bind 127.0.0.1 or ::1, or leave it out`);
  }
  const certificateFiles = certificateOf(flags, called);
  return {
    allowedHosts: flags["allow-host"].map((name) => name.toLowerCase()),
    allowedOrigins: [...origins(flags, "allow-origin", called), ...origins(flags, "cors-origin", called)],
    proxies: proxiesOf(flags["trust-proxy"], called),
    basePrefix: flags["base-prefix"],
    isOpen,
    rateLimit: flags["rate-limit"] ?? null,
    connectionsMax: flags["max-connections"],
    certificateFiles,
    plaintextBinds: certificateFiles ? [] : exposed,
  };
}

function certificateOf(
  { "tls-cert": cert, "tls-key": key }: AccessFlags,
  called: Called,
): AccessConfig["certificateFiles"] {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined) throw unusable(called("tls-cert"), "needs --tls-key, the private key of the certificate");
  if (key !== undefined) throw unusable(called("tls-key"), "needs --tls-cert, the certificate of the key");
  return null;
}

function origins(flags: AccessFlags, flag: "allow-origin" | "cors-origin", called: Called): readonly string[] {
  for (const origin of flags[flag]) {
    const problem = originProblem(origin);
    if (problem !== null) throw unusable(called(flag), problem);
  }
  return flags[flag];
}

function proxiesOf(texts: readonly string[], called: Called): TrustedProxies {
  try {
    return new TrustedProxies(texts);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw unusable(called("trust-proxy"), thrown.message);
  }
}
