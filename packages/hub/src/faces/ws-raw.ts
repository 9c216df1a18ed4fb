// The raw stream face: a session's output over a WebSocket, plain or as fleetty.stream.v1. Refusals come as HTTP answers
// before the upgrade; after it a viewer is served until it leaves, its session ends, or the server stops.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { closeWithin } from "@fleetty/carrier/socket-end";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";
import { MalformedFrame, STREAM_PROTOCOL } from "@fleetty/protocol/link";
import { SOCKET_HIGH_BYTES } from "@fleetty/protocol/stream/output-sender";
import type { Logger } from "pino";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Admission } from "../auth/admission.ts";
import type { Credential } from "../auth/credential.ts";
import type { HubCalls, Viewer, ViewerOptions } from "../calls.ts";
import { headersOf, rawRefusal, shown } from "./answer.ts";
import { type OnAnswered, RequestRecord } from "./answered.ts";
import { factsOf } from "./http.ts";
import { keepAlive, liveWith } from "./keep-alive.ts";
import { endWith } from "./last-words.ts";
import { ReplyHold } from "./reply-hold.ts";
import { requestId as nextRequestId } from "./request-id.ts";
import { requestInput } from "./request-input.ts";
import { requestTarget } from "./request-target.ts";
import type { Routes } from "./routes.ts";
import { SharedFrames } from "./shared-frames.ts";
import { FramedStream } from "./stream-framed.ts";
import { PlainStream } from "./stream-plain.ts";

export interface RawSocketFaceOptions {
  readonly calls: HubCalls;
  readonly routes: Routes;
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

/** What turns a viewer's frames into a socket's and back. */
export interface StreamForm {
  readonly sink: Parameters<HubCalls["watch"]>[1];
  /** Throws MalformedFrame for what ends the stream. */
  receive(viewer: Viewer, data: Buffer, isBinary: boolean): void;
}

const MESSAGE_MAX_BYTES = 1_048_576;
/** Close code for a socket whose credential was taken back or has expired (public contract, close codes). */
const CREDENTIAL_ENDED = 4401;
/** Close code for a viewer that types and does not read (RFC 6455 registry, "try again later"). */
const TRY_AGAIN_LATER = 1013;
/** Whoever does not answer the close by then is cut off (public contract, token rotation). */
const CUT_WITHIN_MS = 1_000;

export class RawSocketFace {
  readonly #options: RawSocketFaceOptions;
  /** Of upgrades under way. */
  readonly #requestIds = new WeakMap<IncomingMessage, string>();
  readonly #frames = new SharedFrames();
  #isStopping = false;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false),
  });

  constructor(options: RawSocketFaceOptions) {
    this.#options = options;
    this.#sockets.on("wsClientError", (error, socket) =>
      endWith(socket, rawRefusal(noHandshake(error), nextRequestId())),
    );
    this.#sockets.on("headers", (lines, request) => {
      const more = headersOf(this.#requestIds.get(request) ?? nextRequestId(), { "fleetty-server": options.hostname });
      lines.push(...Object.entries(more).map(([name, value]) => `${name}: ${value}`));
    });
  }

  async upgrade(asked: UpgradeRequest): Promise<void> {
    const { socket, request, head } = asked;
    const requestId = nextRequestId();
    this.#requestIds.set(request, requestId);
    const record = new RequestRecord(request, { requestId, face: "ws" }, this.#options.onAnswered);
    socket.on("error", () => socket.destroy());
    try {
      const { begin, credential } = this.#admit(asked, requestId, record);
      const pending = new PendingStream(isFramed(request) ? this.#frames : null);
      const viewer = await begin(pending);
      if (this.#isStopping) throw stopping(viewer);
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        record.tell(101);
        pending.open(webSocket, viewer);
        liveWith(credential, webSocket, () => pending.cut(CREDENTIAL_ENDED, "credential ended"));
      });
      if (pending.isOpen) return;
      viewer.close();
      record.tell(null);
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

  #admit({ request, admission, socket }: UpgradeRequest, requestId: string, record: RequestRecord): Admitted {
    const target = requestTarget(request.url ?? "/");
    const { ticket, query } = withoutTicket(target.query);
    const facts = { ...factsOf(request, target, "ws"), ticket };
    admission.checkSource(facts);
    const caller = admission.callerOf(facts);
    record.principal = caller.actor.principal;
    const { path } = target;
    const found = this.#options.routes.find(request.method ?? "", path);
    if (found.route.row.kind !== "stream") {
      throw new FleettyError("invalid_request", "this path is no WebSocket; ask for it without an upgrade");
    }
    record.operation = found.route.row.name;
    const { value } = requestInput(found, { query, json: {}, octets: null });
    const gone = new Gone();
    socket.once("close", () => gone.went());
    const options = { ...value, credits: isFramed(request) } as ViewerOptions;
    const context = {
      caller,
      gone,
      requestId,
      attempt: admission.attempt(facts),
      reachedAt: () => admission.reachedAt(facts),
    };
    const begin = (pending: PendingStream) => this.#options.calls.watch(options, pending.form.sink, context);
    return { begin, credential: caller.credential };
  }
}

interface Admitted {
  readonly begin: (pending: PendingStream) => Promise<Viewer>;
  readonly credential: Credential;
}

/** A ticket is a credential and no member of the input. Of several the first counts, and none of them goes further. */
function withoutTicket(query: string): { ticket: string | undefined; query: string } {
  if (!query.includes("ticket=")) return { ticket: undefined, query };
  const members = new URLSearchParams(query);
  const ticket = members.get("ticket") ?? undefined;
  members.delete("ticket");
  return { ticket, query: members.toString() };
}

function stopping(viewer: Viewer): FleettyError {
  viewer.close();
  return new FleettyError("not_ready", "the server is stopping; come back when it has been started again");
}

/** What `ws` finds wrong with an upgrade is said in our own form. */
function noHandshake({ message }: Error): FleettyError {
  return new FleettyError("invalid_request", `this is no handshake of WebSocket version 13: ${message}`);
}

function isFramed(request: IncomingMessage): boolean {
  return (request.headers["sec-websocket-protocol"] ?? "").split(",").some((one) => one.trim() === STREAM_PROTOCOL);
}

/** A stream whose viewer may be served before its socket is open: what is sent until then is held. */
class PendingStream {
  readonly form: StreamForm;
  readonly #held: (string | Uint8Array)[] = [];
  #socket: WebSocket | null = null;
  #viewer: Viewer | null = null;
  #closing: { code: number; reason: string } | null = null;
  #isHigh = false;

  readonly #replies = new ReplyHold({
    pause: () => this.#socket?.pause(),
    resume: () => this.#socket?.resume(),
    giveUp: () => this.#giveUp(),
  });

  /** A socket that held too much has sent enough of it: the viewer stopped at the same mark. */
  readonly #sent = () => {
    this.#replies.sent(0);
    if (!this.#isHigh || this.#bufferedBytes() >= SOCKET_HIGH_BYTES) return;
    this.#isHigh = false;
    this.#viewer?.drained();
  };

  /** `frames`: null for a stream without them. */
  constructor(frames: SharedFrames | null) {
    const out = {
      send: (data: string | Uint8Array) => this.#send(data),
      bufferedBytes: () => this.#bufferedBytes(),
      close: (code: number, reason: string) => this.#close(code, reason),
    };
    this.form = frames ? new FramedStream(out, frames) : new PlainStream(out);
  }

  /** False when the handshake failed, or the caller had gone. */
  get isOpen(): boolean {
    return this.#socket !== null;
  }

  open(socket: WebSocket, viewer: Viewer): void {
    this.#socket = socket;
    this.#viewer = viewer;
    socket.on("message", (data, isBinary) => this.#receive(viewer, data, isBinary));
    socket.on("close", () => {
      this.#replies.stop();
      viewer.close();
    });
    socket.on("error", () => socket.terminate());
    keepAlive(socket);
    for (const data of this.#held.splice(0)) this.#send(data);
    if (this.#closing) socket.close(this.#closing.code, this.#closing.reason);
    // What was held may have stopped the viewer, and the socket has taken it.
    else viewer.drained();
  }

  /** Serves nothing more from this moment on, whatever the far side does. */
  cut(code: number, reason: string): void {
    this.#leave(code, reason);
    const socket = this.#socket;
    const timer = setTimeout(() => socket?.terminate(), CUT_WITHIN_MS);
    socket?.once("close", () => clearTimeout(timer));
  }

  /** Closes as soon as the far side reads again, if it does so within the time that `ws` gives it (30 s). */
  #giveUp(): void {
    this.#leave(TRY_AGAIN_LATER, "answers were not read");
    this.#socket?.resume();
  }

  #leave(code: number, reason: string): void {
    this.#viewer?.close();
    this.#socket?.removeAllListeners("message").on("message", () => {});
    this.#close(code, reason);
  }

  #send(data: string | Uint8Array): void {
    if (!this.#socket) {
      this.#held.push(data);
      return;
    }
    if (typeof data === "string") this.#sendReply(this.#socket, data);
    else this.#socket.send(data, this.#sent);
    this.#isHigh ||= this.#socket.bufferedAmount >= SOCKET_HIGH_BYTES;
  }

  #sendReply(socket: WebSocket, text: string): void {
    this.#replies.sending(text.length);
    socket.send(text, () => {
      this.#replies.sent(text.length);
      this.#sent();
    });
  }

  #bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? this.#held.reduce((sum, data) => sum + data.length, 0);
  }

  #close(code: number, reason: string): void {
    this.#closing = { code, reason };
    this.#socket?.close(code, reason);
  }

  #receive(viewer: Viewer, data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    try {
      this.form.receive(viewer, Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer), isBinary);
    } catch (thrown) {
      if (!(thrown instanceof MalformedFrame)) throw thrown;
      this.#close(4010, "protocol error");
      viewer.close();
    }
  }
}
