// The WebSockets of the table's stream rows: who asks is let in or refused as an HTTP answer before the upgrade, and then
// served until it leaves, its credential ends, or the server stops. What is said on a socket is for its kind to know.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { closeWithin } from "@fleetty/carrier/socket-end";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";
import { STREAM_PROTOCOL } from "@fleetty/protocol/link";
import type { OperationName } from "@fleetty/protocol/operations";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import type { Admission } from "../auth/admission.ts";
import type { CallContext, HubCalls } from "../calls.ts";
import type { Methods } from "../json-sockets/methods.ts";
import { headersOf, rawRefusal, shown } from "./answer.ts";
import { type OnAnswered, RequestRecord } from "./answered.ts";
import { factsOf } from "./http.ts";
import { liveWith } from "./keep-alive.ts";
import { endWith } from "./last-words.ts";
import { requestId as nextRequestId } from "./request-id.ts";
import { requestInput } from "./request-input.ts";
import { requestTarget } from "./request-target.ts";
import type { Routes } from "./routes.ts";
import { JsonSockets } from "./ws-json.ts";
import { RawSockets } from "./ws-raw.ts";

export interface SocketFaceOptions {
  readonly calls: HubCalls;
  readonly routes: Routes;
  readonly methods: Methods;
  readonly log: Logger;
  /** Who answers, for the header `fleetty-server`. */
  readonly hostname: string;
  readonly onAnswered: OnAnswered;
}

export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly admission: Admission;
}

/** A socket that is asked for, by whom and how. */
export interface AskedSocket {
  readonly operation: OperationName;
  /** As the row's schema gave it. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly context: CallContext;
  /** Whether it is to speak fleetty.stream.v1. */
  readonly isFramed: boolean;
}

/** What stands behind a socket, from before it is open. */
export interface SocketService {
  open(socket: WebSocket): void;
  /** Serves nothing more from this moment on, whatever the far side does. */
  cut(code: number, reason: string): void;
  /** The socket never came to be open. */
  abandon(): void;
}

/** Rejects with why there is no such socket for this caller. */
export type OpenService = (asked: AskedSocket) => Promise<SocketService>;

const MESSAGE_MAX_BYTES = 1_048_576;
/** Close code for a socket whose credential was taken back or has expired (public contract, close codes). */
const CREDENTIAL_ENDED = 4401;

export class SocketFace {
  readonly #options: SocketFaceOptions;
  /** Of upgrades under way. */
  readonly #requestIds = new WeakMap<IncomingMessage, string>();
  readonly #services: Readonly<Record<string, OpenService>>;
  #isStopping = false;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false),
  });

  constructor(options: SocketFaceOptions) {
    this.#options = options;
    const raw = new RawSockets(options.calls);
    const json = new JsonSockets(options);
    this.#services = {
      "sessions.watch": (asked) => raw.open(asked),
      "sessions.socket": (asked) => json.ofSession(asked),
      "fleet.socket": (asked) => json.ofFleet(asked),
    };
    this.#sockets.on("wsClientError", (error, socket) =>
      endWith(socket, rawRefusal(noHandshake(error), nextRequestId())),
    );
    this.#sockets.on("headers", (lines, request) => {
      const more = headersOf(this.#requestIds.get(request) ?? nextRequestId(), { "fleetty-server": options.hostname });
      lines.push(...Object.entries(more).map(([name, value]) => `${name}: ${value}`));
    });
  }

  /** Sockets that are open or close just now. */
  get open(): number {
    return this.#sockets.clients.size;
  }

  async upgrade(upgrade: UpgradeRequest): Promise<void> {
    const { socket, request } = upgrade;
    const requestId = nextRequestId();
    this.#requestIds.set(request, requestId);
    const record = new RequestRecord(request, { requestId, face: "ws" }, this.#options.onAnswered);
    socket.on("error", () => socket.destroy());
    try {
      await this.#serve(upgrade, requestId, record);
    } catch (thrown) {
      const error = toFleettyError(thrown);
      record.code = error.code;
      record.tell(error.status);
      if (error.code === "internal_error") {
        this.#options.log.error({ request_id: requestId, err: error.cause ?? error }, "an upgrade failed");
      }
      endWith(socket, rawRefusal(shown(error, requestId), requestId));
    }
  }

  /** The server stops: viewers are told to come back, and those that do not answer in time are left. */
  close(graceMs: number): void {
    this.#isStopping = true;
    for (const socket of this.#sockets.clients)
      closeWithin(socket, { code: 1001, reason: "server shutting down", graceMs });
  }

  async #serve({ request, socket, head, admission }: UpgradeRequest, requestId: string, record: RequestRecord) {
    const asked = this.#admit({ request, admission, socket }, requestId, record);
    const service = await (this.#services[asked.operation] as OpenService)(asked);
    let isOpen = false;
    try {
      if (this.#isStopping) throw stopping();
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        record.tell(101);
        isOpen = true;
        service.open(webSocket);
        liveWith(asked.context.caller.credential, webSocket, () => service.cut(CREDENTIAL_ENDED, "credential ended"));
      });
    } finally {
      // The handshake failed, or the caller had gone.
      if (!isOpen) service.abandon();
    }
    if (!isOpen) record.tell(null);
  }

  #admit(
    { request, admission, socket }: Omit<UpgradeRequest, "head">,
    requestId: string,
    record: RequestRecord,
  ): AskedSocket {
    const target = requestTarget(request.url ?? "/");
    const { ticket, query } = withoutTicket(target.query);
    const facts = { ...factsOf(request, target, "ws"), ticket };
    admission.checkSource(facts);
    const caller = admission.callerOf(facts);
    record.principal = caller.actor.principal;
    const found = this.#options.routes.find(request.method ?? "", target.path);
    if (found.route.row.kind !== "stream") {
      throw new FleettyError("invalid_request", "this path is no WebSocket; ask for it without an upgrade");
    }
    record.operation = found.route.row.name;
    const { value } = requestInput(found, { query, json: {}, octets: null });
    const gone = new Gone();
    socket.once("close", () => gone.went());
    const context = {
      caller,
      gone,
      requestId,
      attempt: admission.attempt(facts),
      reachedAt: () => admission.reachedAt(facts),
    };
    return { operation: found.route.row.name, input: value, context, isFramed: isFramed(request) };
  }
}

/** A ticket is a credential and no member of the input. Of several the first counts, and none of them goes further. */
function withoutTicket(query: string): { ticket: string | undefined; query: string } {
  if (!query.includes("ticket=")) return { ticket: undefined, query };
  const members = new URLSearchParams(query);
  const ticket = members.get("ticket") ?? undefined;
  members.delete("ticket");
  return { ticket, query: members.toString() };
}

function stopping(): FleettyError {
  return new FleettyError("not_ready", "the server is stopping; come back when it has been started again");
}

/** What `ws` finds wrong with an upgrade is said in our own form. */
function noHandshake({ message }: Error): FleettyError {
  return new FleettyError("invalid_request", `this is no handshake of WebSocket version 13: ${message}`);
}

function isFramed(request: IncomingMessage): boolean {
  return (request.headers["sec-websocket-protocol"] ?? "").split(",").some((one) => one.trim() === STREAM_PROTOCOL);
}
