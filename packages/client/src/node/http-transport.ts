// Carries requests by node:http(s) over a unix socket or TCP, on connections that are kept open. Node only. Decides which
// failed request is sent again: one that reads or was not written whole, and only when its kept connection had gone. Judges a
// unix socket before anything is sent over it. Knows no operation.
import type { Agent, RequestOptions } from "node:http";
import {
  type HttpAnswer,
  type HttpRequest,
  type SocketRequest,
  type StreamedAnswer,
  type StreamedRequest,
  type Transport,
  TransportFailure,
} from "../transport.ts";
import type { Address } from "./address.ts";
import { Exchange, StaleConnection } from "./exchange.ts";
import { judgeSocket } from "./judge-socket.ts";

/** Connections kept open between calls; more are opened as needed and closed after use. */
const IDLE_CONNECTIONS_MAX = 16;

export class HttpTransport implements Transport {
  readonly #target: Address;
  // The named exports of an imported node:http load its whole fetch (25 ms, measured); the module object does not.
  readonly #http: typeof import("node:http") | typeof import("node:https");
  readonly #agent: Agent;

  constructor(target: Address) {
    this.#target = target;
    this.#http = process.getBuiltinModule(isSecure(target) ? "node:https" : "node:http");
    this.#agent = new this.#http.Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS_MAX });
  }

  get address(): string {
    return this.#target.kind === "unix" ? this.#target.socket : this.#target.url.origin;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#exchange(request);
    } catch (error) {
      if (!(error instanceof StaleConnection) || request.method !== "GET") throw error;
      return await this.#exchange(request);
    }
  }

  async stream({ signal, ...request }: StreamedRequest): Promise<StreamedAnswer> {
    const { streamedExchange } = await import("./streamed-exchange.ts");
    this.#judge();
    if (signal.aborted) throw new TransportFailure("cancelled", false);
    const send = (options: RequestOptions) =>
      streamedExchange((given) => this.#http.request(given), options, { signal, body: request.body });
    const options = this.#options(request);
    // Over TCP what is written to a connection that has gone is in doubt, and may be waited for in vain.
    if (request.isBrief && this.#target.kind === "unix") {
      try {
        return await send(options);
      } catch (error) {
        if (!(error instanceof StaleConnection) || error.sent) throw error;
      }
    }
    return send({ ...options, agent: false });
  }

  async openSocket(request: SocketRequest): Promise<HttpAnswer | undefined> {
    const { openWebSocket } = await import("./web-socket.ts");
    this.#judge();
    return openWebSocket(this.#target, request);
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(request: HttpRequest): Promise<HttpAnswer> {
    this.#judge();
    if (request.signal?.aborted) throw new TransportFailure("cancelled", false);
    const exchange = new Exchange((options) => this.#http.request(options), this.#options(request), request.body);
    return exchange.run(request.deadlineMs, request.signal);
  }

  #options(request: Pick<HttpRequest, "method" | "path" | "headers">): RequestOptions {
    const { method, path, headers } = request;
    const target = this.#target;
    if (target.kind === "unix") {
      // Without a server name the agent looks whether the host is an IPv6 address: 5 ms for its pattern alone (measured).
      const local = { agent: this.#agent, method, path, headers, socketPath: target.socket, servername: "" };
      return local;
    }
    const { hostname, port } = target.url;
    const authorization = target.token === undefined ? {} : { authorization: `Bearer ${target.token.reveal()}` };
    return {
      agent: this.#agent,
      method,
      path: target.prefix + path,
      headers: { ...headers, ...authorization },
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      ...(target.ca !== undefined && { ca: target.ca }),
    };
  }

  #judge(): void {
    if (this.#target.kind === "unix") judgeSocket(this.#target.socket);
  }
}

function isSecure(target: Address): boolean {
  return target.kind === "tcp" && target.url.protocol === "https:";
}
