// Opens and closes what a server listens on: the unix socket of its user, and TCP addresses. Each has its own admission;
// behind it they are the same faces.
import { chmodSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer } from "@fleetty/carrier/http-server";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Logger } from "pino";
import { type Admission, unixAdmission } from "../auth/admission.ts";
import type { Authority } from "../auth/authority.ts";
import type { HubCalls } from "../calls.ts";
import type { Reception } from "../fleet/reception.ts";
import { loadMethods } from "../json-sockets/methods.ts";
import { rawRefusal } from "./answer.ts";
import type { OnAnswered } from "./answered.ts";
import { HttpFace } from "./http.ts";
import { endWith } from "./last-words.ts";
import { LinkFace, type LinkFaceOptions } from "./link-face.ts";
import { McpFace } from "./mcp-face.ts";
import { requestId } from "./request-id.ts";
import { requestTarget } from "./request-target.ts";
import { Routes } from "./routes.ts";
import { SocketFace, type UpgradeRequest } from "./socket-face.ts";
import { type AccessRules, type Certificate, tcpAdmissions } from "./tcp-access.ts";
import { WorkersFace } from "./workers-face.ts";

export interface FacesOptions {
  readonly calls: HubCalls;
  readonly log: Logger;
  /** A path that is free to be listened on. */
  readonly socketPath: string;
  /** Another one, for programs that were written for the wsh API; a server does without it rather than not start. */
  readonly compatSocketPath: string | null;
  readonly binds: readonly { readonly host: string; readonly port: number }[];
  readonly authority: Authority;
  readonly hostname: string;
  readonly access: AccessRules;
  /** Told of each request when it is over. */
  readonly onAnswered: OnAnswered;
  /** This server as hubs meet it that dial it, and its fleet, of which they see their part of its own worker. */
  readonly link: Pick<LinkFaceOptions, "fleet" | "facts" | "status" | "key">;
  /** Where workers are received that dial this server. */
  readonly reception: Reception;
  readonly mcp: McpRules;
}

/** How MCP clients are served. */
export interface McpRules {
  readonly version: string;
  /** Before the names of tools, where a client asks for no other; `wsh_` makes them those of the older public API. */
  readonly toolPrefix: string;
  /** Longest time of one call, in ms; absent: that of the public contract. */
  readonly callMaxMs?: number;
}

export interface Faces {
  /** `127.0.0.1:7337`, one for each bind, with the port that was really taken. */
  readonly tcpAddresses: readonly string[];
  /** How many WebSockets of callers are open, whatever they are about. */
  openSockets(): number;
  /** Connections from now on are made with this one. Only where TCP speaks TLS. */
  useCertificate(certificate: Certificate): void;
  /** Ends every connection; open answers and viewers get `graceMs`. Sessions are not touched. */
  close(options: { graceMs: number }): Promise<void>;
}

/** Request line and headers (public limits). */
const HEADERS_MAX_BYTES = 16 * 1024;
/** Headers or body that take longer are refused (public limits). */
const RECEIVE_MS = 30_000;
/** How late a slow request may be noticed; by default it is as much again. */
const CHECK_EVERY_MS = 1_000;
/** Idle connections are kept for callers that ask again. */
const KEEP_ALIVE_MS = 60_000;
/** What stands before tools where clients of the older public API connect. */
const COMPAT_PREFIX = "wsh_";
/** Connections to the unix socket, as many as TCP has by default (public limits). */
const UNIX_CONNECTIONS_MAX = 4096;

/** Rejects with `not_ready` naming the address that cannot be had; then nothing listens. */
export async function openFaces(options: FacesOptions): Promise<Faces> {
  const { access, binds } = options;
  const [routes, methods] = await Promise.all([Routes.load(), loadMethods()]);
  const link = new LinkFace({
    ...options.link,
    calls: options.calls,
    log: options.log,
    onAnswered: options.onAnswered,
  });
  const workers = new WorkersFace(options);
  const mcp = new McpFace({ ...options, ...options.mcp });
  const faces = (...prefixes: readonly string[]) => {
    const parts = { ...options, methods, routes: routes.below(...prefixes) };
    return {
      http: new HttpFace(parts),
      sockets: new SocketFace(parts),
      mcp: { face: mcp, paths: new Set(prefixes.map((one) => `${one}/mcp`)), toolPrefix: options.mcp.toolPrefix },
      upgrades: new Map<string, ServersFace>(
        prefixes.flatMap((one) => [[`${one}/link`, link] as const, [`${one}/workers`, workers] as const]),
      ),
    };
  };
  // The prefix is for who comes through a proxy; local programs find the server without knowing it.
  const local = faces(access.basePrefix, "");
  const remote = faces(access.basePrefix);
  const unix = unixListener(local);
  const compat = unixListener({ ...local, mcp: { ...local.mcp, toolPrefix: COMPAT_PREFIX } });
  const admissionAt = tcpAdmissions(options);
  const { certificate } = access;
  const tcp = binds.map(({ host }) => listener({ ...remote, admission: admissionAt(host), certificate }));
  boundTogether(tcp, access.connectionsMax);
  const close = async (graceMs: number) => {
    await Promise.all([unix, compat, ...tcp].map((server) => closeServer(server, graceMs)));
  };
  try {
    await listenPrivately(unix, options.socketPath);
    await listenOnAll(tcp, binds);
    await listenForCompat(compat, options);
  } catch (thrown) {
    await close(0);
    throw thrown;
  }
  return {
    tcpAddresses: tcp.map(addressOf),
    openSockets: () => local.sockets.open + remote.sockets.open,
    useCertificate: (renewed) => {
      for (const server of tcp) (server as TlsServer).setSecureContext(renewed);
    },
    close: async ({ graceMs }) => {
      local.http.close();
      remote.http.close();
      local.sockets.close(graceMs);
      remote.sockets.close(graceMs);
      const linksClosed = link.close(graceMs);
      workers.close();
      await mcp.close();
      await Promise.all([linksClosed, close(graceMs)]);
    },
  };
}

function unixListener(faces: Omit<ListenerParts, "admission" | "certificate">): Server {
  const server = listener({ ...faces, admission: unixAdmission, certificate: null });
  server.maxConnections = UNIX_CONNECTIONS_MAX;
  return server;
}

async function listenPrivately(server: Server, path: string): Promise<void> {
  await listen(server, { path });
  chmodSync(path, 0o600);
}

async function listenForCompat(server: Server, { compatSocketPath: path, log }: FacesOptions): Promise<void> {
  if (path === null) return;
  try {
    await listenPrivately(server, path);
  } catch (thrown) {
    const { message: reason } = thrown as FleettyError;
    log.warn({ socket: path, reason }, "no socket for programs written for the wsh API");
  }
}

/** Each has been tried when it rejects, so that those that came to listen can be closed. */
async function listenOnAll(servers: readonly Server[], binds: FacesOptions["binds"]): Promise<void> {
  const tries = servers.map((server, index) => listen(server, binds[index] as FacesOptions["binds"][number]));
  const refused = (await Promise.allSettled(tries)).find((one) => one.status === "rejected");
  if (refused) throw refused.reason;
}

/** A path that other servers dial, and no viewer. */
interface ServersFace {
  upgrade(asked: UpgradeRequest): void;
}

interface ListenerParts {
  readonly http: HttpFace;
  readonly sockets: SocketFace;
  /** Where MCP clients post, and how tools are called there. */
  readonly mcp: { readonly face: McpFace; readonly paths: ReadonlySet<string>; readonly toolPrefix: string };
  /** Where other servers dial: hubs, and workers. */
  readonly upgrades: ReadonlyMap<string, ServersFace>;
  readonly admission: Admission;
  readonly certificate: Certificate | null;
}

function listener({ http, sockets, mcp, upgrades, admission, certificate }: ListenerParts): Server {
  const options = {
    maxHeaderSize: HEADERS_MAX_BYTES,
    requestTimeout: RECEIVE_MS,
    headersTimeout: RECEIVE_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A request without Host is refused in our own envelope.
    requireHostHeader: false,
    // Who offers any other protocol is answered in this one (RFC 9110, 7.8).
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = certificate
    ? createTlsServer({ ...options, ...certificate, handshakeTimeout: RECEIVE_MS })
    : createServer(options);
  const newest = new WeakMap<Duplex, ServerResponse>();
  server.on("request", (request, response) => {
    newest.set(request.socket, response);
    const isMcp = mcp.paths.has(requestTarget(request.url ?? "/").path);
    if (!isMcp) return void http.handle(request, response, admission);
    const { toolPrefix } = mcp;
    void mcp.face.handle(request, response, { admission, toolPrefix, refuse: http.refuse.bind(http) });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = { request, socket: socket as Socket, head, admission };
    const forServers = upgrades.get(requestTarget(request.url ?? "/").path);
    if (forServers) forServers.upgrade(asked);
    else void sockets.upgrade(asked);
  });
  server.on("checkExpectation", (_request, response) => http.refuse(response, noSuchExpectation()));
  server.on("connect", (_request, socket: Duplex) => endWith(socket, rawRefusal(noProxy(), requestId())));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Who failed to shake hands for TLS has no channel on which an answer would be one.
    const isHttp = /^(HPE|ERR_HTTP)_/.test(error.code ?? "");
    if (!isHttp) socket.destroy();
    else refuseMalformed(error, socket, newest.get(socket));
  });
  return server;
}

/** Listeners share one bound: a connection beyond it is closed before a byte of it is read. */
function boundTogether(servers: readonly Server[], max: number): void {
  let open = 0;
  for (const server of servers) {
    server.on("connection", (socket) => {
      open += 1;
      socket.once("close", () => {
        open -= 1;
      });
      if (open > max) socket.destroy();
    });
  }
}

/**
 * What is no HTTP at all is answered in the envelope too, and the connection ended: after the answer to the request before
 * it, which would be taken for refused (RFC 9112, 9.3.2), and without a word when it is the rest of one that was refused.
 */
function refuseMalformed({ code }: NodeJS.ErrnoException, socket: Duplex, before: ServerResponse | undefined): void {
  const refuse = () => endWith(socket, rawRefusal(malformed(code), requestId()));
  if (!before || before.closed) refuse();
  else if (before.req.complete) before.once("close", refuse);
  else if (before.headersSent) endWith(socket, "");
  else refuse();
}

function malformed(code: string | undefined): FleettyError {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new FleettyError("headers_too_large", `request line and headers are over ${HEADERS_MAX_BYTES} bytes`);
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new FleettyError("request_timeout", `the request did not arrive within ${RECEIVE_MS / 1000} s; try again`);
  }
  return new FleettyError("invalid_request", "this is not HTTP/1.1");
}

function noProxy(): FleettyError {
  return new FleettyError("invalid_request", "this server is no proxy; CONNECT does nothing here");
}

function noSuchExpectation(): FleettyError {
  return new FleettyError("invalid_request", "only Expect: 100-continue is understood; leave the header out");
}

type Where = { readonly path: string } | { readonly host: string; readonly port: number };

function listen(server: Server, where: Where): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(notHad(where, error));
    server.once("error", refuse);
    server.listen(where, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}

function notHad(where: Where, cause: NodeJS.ErrnoException): FleettyError {
  const [place, flag] = "path" in where ? [where.path, "--socket"] : [`${where.host}:${where.port}`, "--bind"];
  const fact = cause.code === "EADDRINUSE" ? "it is in use" : cause.message;
  const message = `cannot listen on ${place}: ${fact}; choose another ${flag}, or end who has it`;
  return new FleettyError("not_ready", message, { reason: cause.code ?? "unknown" }, { cause });
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}
