// Connects to a member: its name is resolved once, every address judged, and one of the judged ones contacted by number, so
// that an answer which changes afterwards leads nowhere. Over TLS, certificate and server name are those of the written
// host. Knows neither HTTP nor the link, and repeats nothing that a peer said.
import { X509Certificate } from "node:crypto";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import { createSecureContext, type SecureContext, connect as secure } from "node:tls";
import { isLoopback, plainAddress } from "../auth/peer-address.ts";
import { raceToConnect } from "./address-race.ts";
import { type IpAccess, tellDenial } from "./ip-access.ts";
import type { MemberAddress } from "./member-address.ts";

/** All addresses of a name, in the order in which they should be tried. Rejects with an error that has a `code`. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Where `http:` leads: wherever it was registered, or to this machine alone. */
export type PlaintextLinks = "registered" | "loopback";

export interface PinnedConnectOptions {
  readonly access: IpAccess;
  /** Default: `registered`. */
  readonly plaintext?: PlaintextLinks;
  /** Certificates of authorities in PEM, in place of the public ones. */
  readonly ca?: readonly string[];
  readonly lookup?: Lookup;
  /** For looking up, connecting and TLS together. */
  readonly deadlineMs?: number;
}

export interface ConnectFailure {
  readonly kind: "failed";
  readonly reason: "address_denied" | "dial_failed" | "tls_failed";
  /** A code of the system or of TLS, `deadline`, or the address and the rule that it meets. */
  readonly detail: string;
}

export interface Connected {
  readonly kind: "connected";
  /** Encrypted when the address says so. An error of it before somebody listens shows as its "close". */
  readonly socket: Socket;
  /** The one that was contacted. */
  readonly address: string;
}

export type Judged = { readonly kind: "judged"; readonly addresses: readonly string[] } | ConnectFailure;

/** Public contract, timers: connect. */
const DEADLINE_MS = 10_000;

export class PinnedConnect {
  readonly #access: IpAccess;
  readonly #plaintext: PlaintextLinks;
  readonly #lookup: Lookup;
  readonly #deadlineMs: number;
  readonly #trust: SecureContext | undefined;

  /** Throws the system's error for a text of `ca` that does not begin with a certificate. */
  constructor({ access, plaintext, ca, lookup, deadlineMs }: PinnedConnectOptions) {
    this.#access = access;
    this.#plaintext = plaintext ?? "registered";
    this.#lookup = lookup ?? allAddresses;
    this.#deadlineMs = deadlineMs ?? DEADLINE_MS;
    this.#trust = ca && trustIn(ca);
  }

  /** A connection to one of the judged addresses. Rejects with the signal's reason alone; then nothing is left open. */
  open(to: MemberAddress, signal: AbortSignal): Promise<Connected | ConnectFailure> {
    return this.#inTime(signal, async (inTime) => {
      const judged = await this.#judged(to, inTime);
      if (judged.kind === "failed") return judged;
      const end = await raceToConnect({ addresses: judged.addresses, port: to.port, signal: inTime });
      if (end.kind === "unreached") return failed("dial_failed", end.code);
      const { socket, address } = end;
      if (to.scheme === "http") return { kind: "connected", socket, address };
      const secured = await this.#secured(socket, to.host, inTime);
      return "kind" in secured ? secured : { kind: "connected", socket: secured, address };
    });
  }

  /** Resolves and judges as `open` does, and contacts nobody. */
  judge(to: MemberAddress, signal: AbortSignal): Promise<Judged> {
    return this.#inTime(signal, (inTime) => this.#judged(to, inTime));
  }

  /** Judges a connection that is open: the address at its other end first, and all to which its name leads now. */
  async judgeOpen(to: MemberAddress, contacted: string): Promise<Judged> {
    return this.#denial(to, [contacted]) ?? (await this.judge(to, new AbortController().signal));
  }

  #denial(to: MemberAddress, addresses: readonly string[]): ConnectFailure | null {
    const verdict = this.#access.judge(addresses);
    if (verdict.kind === "denied") return failed("address_denied", tellDenial(verdict));
    const beyond = this.#plaintext === "loopback" ? addresses.find((address) => !isLoopback(address)) : undefined;
    if (to.scheme === "https" || beyond === undefined) return null;
    return failed("address_denied", `${beyond} would be reached in plain text, which plaintext_links forbids`);
  }

  async #judged(to: MemberAddress, signal: AbortSignal): Promise<Judged> {
    const { host } = to;
    const found = isIP(host) === 0 ? await untilAborted(this.#found(host), signal) : [host];
    if ("kind" in found) return found;
    if (found.length === 0) return failed("dial_failed", "no_address");
    const denial = this.#denial(to, found);
    if (denial) return denial;
    return { kind: "judged", addresses: [...new Set(found.map(plainAddress))] };
  }

  async #found(host: string): Promise<readonly string[] | ConnectFailure> {
    try {
      return await this.#lookup(host);
    } catch (thrown) {
      return failed("dial_failed", codeOf(thrown));
    }
  }

  #secured(socket: Socket, host: string, signal: AbortSignal): Promise<Socket | ConnectFailure> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket | ConnectFailure>();
    const secured = secure({
      socket,
      host,
      // No name is sent for an address (RFC 6066, 3); the certificate has to name it all the same.
      servername: isIP(host) === 0 ? host : "",
      rejectUnauthorized: true,
      ALPNProtocols: ["http/1.1"],
      ...(this.#trust && { secureContext: this.#trust }),
    });
    const stop = () => {
      secured.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    secured.once("secureConnect", () => resolve(secured));
    secured.on("error", (error) => {
      secured.destroy();
      resolve(failed("tls_failed", codeOf(error)));
    });
    if (signal.aborted) stop();
    return promise.finally(() => signal.removeEventListener("abort", stop));
  }

  /** Gives `work` a signal that is also aborted when the time is over, which is a failure and no rejection. */
  async #inTime<T>(signal: AbortSignal, work: (inTime: AbortSignal) => Promise<T>): Promise<T | ConnectFailure> {
    signal.throwIfAborted();
    const ending = new AbortController();
    const pass = () => ending.abort(signal.reason);
    signal.addEventListener("abort", pass, { once: true });
    const timer = setTimeout(() => ending.abort(), this.#deadlineMs);
    try {
      return await work(ending.signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (ending.signal.aborted) return failed("dial_failed", "deadline");
      throw thrown;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", pass);
    }
  }
}

function trustIn(ca: readonly string[]): SecureContext {
  // A context passes over what it cannot read, and would trust nobody then.
  for (const text of ca) new X509Certificate(text);
  return createSecureContext({ ca: [...ca] });
}

async function allAddresses(host: string): Promise<readonly string[]> {
  const found = await systemLookup(host, { all: true });
  return found.map(({ address }) => address);
}

/** The system cannot be told to stop looking up; its late answer finds nobody. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}

function failed(reason: ConnectFailure["reason"], detail: string): ConnectFailure {
  return { kind: "failed", reason, detail };
}

/** Codes are words of the system and of OpenSSL; messages may hold what the peer sent. */
function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : "unknown";
}
