// Dials one member by its address: connects to a judged address, brings the member's token, goes through the handshake, and
// hands over an open link once the member's sessions are known. One try; what follows a failure is for its caller. Of what a
// peer answers nothing but its HTTP status is ever repeated.
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { greetMember, type HubGreetingOptions, MEMBER_POLICY, NotWelcome } from "@fleetty/carrier/hub-greeting";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import { type AnyEvent, readEvent } from "@fleetty/protocol/events";
import {
  type HelloRefusal,
  HubEnd,
  type JournalEvent,
  LINK_PROTOCOL,
  MalformedFrame,
  type MemberHello,
  type MemberStatus,
  refusals,
} from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Secret } from "@fleetty/protocol/secret";
import { WebSocket } from "ws";
import type { MemberAddress } from "./member-address.ts";
import type { PinnedConnect } from "./pinned-connect.ts";

/** Why there is no link. Those of a member that is not welcome keep it `rejected`, as does `address_denied`. */
export type DialReason = HelloRefusal | "address_denied" | "dial_failed" | "auth_failed" | "tls_failed";

export interface DialFailure {
  readonly kind: "failed";
  readonly reason: DialReason;
  readonly detail: string;
}

export interface MemberLink {
  readonly kind: "linked";
  readonly end: HubEnd;
  readonly hello: MemberHello;
  /** IP address of the other end. */
  readonly contacted: string;
  /** Planned: the member is told. */
  close(): void;
  /** The other end is not believed to be there. */
  cut(): void;
}

export interface DialParts {
  readonly address: MemberAddress;
  readonly connect: PinnedConnect;
  /** What is sent to the IP address that was contacted; null for nothing. Does not throw. */
  readonly token: (contacted: string) => Secret | null;
  readonly greeting: HubGreetingOptions;
  /** How messages name it: `server build-1`. */
  readonly peerName: string;
  readonly onHeard: () => void;
  readonly onRoundTrip: (ms: number) => void;
  /** Before the link is handed over, and again when the member says it again. */
  readonly onInventory: (sessions: readonly SessionInfo[]) => void;
  readonly onEvent: (event: AnyEvent) => void;
  readonly onStatus: (status: MemberStatus) => void;
  /** A screen that was read is no longer the newest. */
  readonly onChanged: (session: string) => void;
  /** The link that was handed over has ended. */
  readonly onClosed: () => void;
}

/** Rejects with the signal's reason alone. */
export async function dialMember(parts: DialParts, signal: AbortSignal): Promise<MemberLink | DialFailure> {
  const connected = await parts.connect.open(parts.address, signal);
  if (connected.kind === "failed") return connected;
  const below = connected.socket;
  const { address } = parts;
  const token = parts.token(connected.address);
  const socket = new WebSocket(address.linkUrl, LINK_PROTOCOL, {
    createConnection: () => below,
    ...(token && { headers: { authorization: `Bearer ${token.reveal()}` } }),
    perMessageDeflate: false,
    maxPayload: MEMBER_POLICY.max_frame,
    followRedirects: false,
  });
  const answered = new Answered(socket);
  const messages = new HandshakeMessages(socket);
  const stop = () => socket.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await messages.opened;
    const { hello, linkGeneration } = await greetMember(socket, messages, parts.greeting);
    const { end, opening } = openEnd(carrierOver({ webSocket: socket, socket: below }), linkGeneration, parts);
    while (opening.isAwaited) end.receive(await messages.next());
    messages.handOver((data) => receive(end, socket, parts, data));
    socket.on("close", () => {
      end.closed();
      parts.onClosed();
    });
    const { address: contacted } = connected;
    return { kind: "linked", end, hello, contacted, close: () => socket.close(1000), cut: () => socket.terminate() };
  } catch (thrown) {
    closeSoon(socket);
    signal.throwIfAborted();
    return failureOf(thrown, { status: answered.status, code: messages.closedWith });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** HTTP status of a peer that did not switch to the link. Nothing else of its answer is read. */
class Answered {
  status: number | null = null;

  constructor(socket: WebSocket) {
    socket.on("unexpected-response", (request, response) => {
      this.status = response.statusCode ?? 0;
      request.destroy();
      socket.terminate();
    });
  }
}

function openEnd(carrier: ReturnType<typeof carrierOver>, linkGeneration: number, parts: DialParts) {
  const opening = { isAwaited: true };
  const telling = new Telling(parts.onEvent);
  const end = new HubEnd({
    carrier,
    linkGeneration,
    peerName: parts.peerName,
    onInventory: (sessions) => {
      opening.isAwaited = false;
      parts.onInventory(sessions);
    },
    onEvent: (event) => telling.add(event),
    onChanged: parts.onChanged,
    onStatus: parts.onStatus,
    onPong: parts.onRoundTrip,
  });
  return { end, opening };
}

/** Tells events in their order, though the shape of each is looked up first. What this version does not know is passed over. */
class Telling {
  readonly #tell: (event: AnyEvent) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(tell: (event: AnyEvent) => void) {
    this.#tell = tell;
  }

  add({ event, p }: JournalEvent): void {
    const read = readEvent(event, p).catch(() => null);
    this.#last = this.#last.then(async () => {
      const told = await read;
      if (told) this.#tell(told);
    });
  }
}

function receive(end: HubEnd, socket: WebSocket, parts: DialParts, data: string | Uint8Array): void {
  parts.onHeard();
  try {
    end.receive(data);
  } catch (thrown) {
    if (!(thrown instanceof MalformedFrame)) throw thrown;
    socket.close(4010, "protocol error");
  }
}

/** A code that says why is on its way, where there is one; a peer that does not answer it is not waited for. */
function closeSoon(socket: WebSocket): void {
  if (socket.readyState !== socket.CLOSING) return socket.terminate();
  const timer = setTimeout(() => socket.terminate(), 1_000);
  socket.once("close", () => clearTimeout(timer));
}

interface Ending {
  readonly status: number | null;
  /** Close code of the link protocol. */
  readonly code: number | null;
}

function failureOf(thrown: unknown, { status, code }: Ending): DialFailure {
  const failed = (reason: DialReason, detail: string): DialFailure => ({ kind: "failed", reason, detail });
  if (thrown instanceof NotWelcome) return failed(thrown.reason, thrown.message);
  if (status === 401 || status === 403) return failed("auth_failed", `http_${status}`);
  if (status !== null && status >= 300 && status < 400) return failed("dial_failed", "redirect");
  if (status !== null) return failed("dial_failed", `http_${status}`);
  const said = Object.entries(refusals).find(([, number]) => number === code)?.[0] as HelloRefusal | undefined;
  if (said === "incompatible_version" || said === "self") return failed(said, "the member says so");
  if (thrown instanceof MalformedFrame) return failed("dial_failed", "no_link");
  return failed("dial_failed", code === null ? "no_answer" : `closed_${code}`);
}
