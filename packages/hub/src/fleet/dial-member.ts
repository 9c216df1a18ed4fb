// Dials one member by its address: connects to a judged address and brings the member's token, or to a judged socket whose key it
// has; goes through the handshake, and hands over an open link once the member's sessions are known. One try; what follows a failure is for its caller. Of what a
// peer answers nothing but its HTTP status is ever repeated.
import type { Socket } from "node:net";
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import {
  greetMember,
  type HubGreetingOptions,
  MEMBER_POLICY,
  NotWelcome,
  Unproved,
} from "@fleetty/carrier/hub-greeting";
import { closeSoon } from "@fleetty/carrier/socket-end";
import { type HelloRefusal, LINK_PROTOCOL, MalformedFrame, refusalOf } from "@fleetty/protocol/link";
import type { Secret } from "@fleetty/protocol/secret";
import { type ClientOptions, WebSocket } from "ws";
import type { DialledAddress } from "./dialled-address.ts";
import { type LinkEvents, type MemberLink, openMemberLink } from "./member-link.ts";
import type { PinnedConnect } from "./pinned-connect.ts";
import { connectSocket } from "./socket-connect.ts";
import type { Contact } from "./token-cascade.ts";

/** Why there is no link. Those of a member that is not welcome keep it `rejected`, as does `address_denied`. */
export type DialReason = HelloRefusal | "address_denied" | "dial_failed" | "auth_failed" | "tls_failed";

export interface DialFailure {
  readonly kind: "failed";
  readonly reason: DialReason;
  readonly detail: string;
}

export interface DialParts {
  readonly address: DialledAddress;
  readonly connect: PinnedConnect;
  /** What is sent where an IP address was contacted; null for nothing. Does not throw. */
  readonly token: (contact: Contact) => Secret | null;
  readonly greeting: HubGreetingOptions;
  readonly events: LinkEvents;
}

/** Rejects with the signal's reason alone. */
export async function dialMember(parts: DialParts, signal: AbortSignal): Promise<MemberLink | DialFailure> {
  const reached = await reach(parts, signal);
  if (reached.kind === "failed") return reached;
  const { url, below, contacted, socketKey, upgrade } = reached;
  const socket = new WebSocket(url, LINK_PROTOCOL, {
    ...upgrade,
    createConnection: () => below,
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
    const greeted = await greetMember(socket, messages, { ...parts.greeting, socketKey });
    return await openMemberLink({ socket, below, contacted, messages, greeted }, parts.events);
  } catch (thrown) {
    closeSoon(socket);
    signal.throwIfAborted();
    return failureOf(thrown, { status: answered.status, code: messages.closedWith });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

interface Reached {
  readonly kind: "reached";
  readonly url: string;
  readonly below: Socket;
  /** IP address of the other end; null at a socket. */
  readonly contacted: string | null;
  readonly socketKey?: Uint8Array;
  readonly upgrade: Pick<ClientOptions, "headers" | "generateMask">;
}

async function reach(parts: DialParts, signal: AbortSignal): Promise<Reached | DialFailure> {
  const { address, connect, token } = parts;
  if (address.scheme === "unix") {
    const connected = await connectSocket(address, signal);
    if (connected.kind === "failed") return connected;
    const { socket: below, key: socketKey } = connected;
    // Masks guard shared proxies (RFC 6455, 10.3); a private unix socket has none. With zeros nothing is masked.
    const upgrade = { generateMask: (mask: Buffer) => void mask.fill(0) };
    return { kind: "reached", url: "ws://member/link", below, contacted: null, socketKey, upgrade };
  }
  const connected = await connect.open(address, signal);
  if (connected.kind === "failed") return connected;
  const { socket: below, address: contacted } = connected;
  const sent = token({ address, contacted });
  const upgrade = sent ? { headers: { authorization: `Bearer ${sent.reveal()}` } } : {};
  return { kind: "reached", url: address.linkUrl, below, contacted, upgrade };
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

interface Ending {
  readonly status: number | null;
  /** Close code of the link protocol. */
  readonly code: number | null;
}

function failureOf(thrown: unknown, { status, code }: Ending): DialFailure {
  const failed = (reason: DialReason, detail: string): DialFailure => ({ kind: "failed", reason, detail });
  if (thrown instanceof NotWelcome) return failed(thrown.reason, thrown.message);
  if (thrown instanceof Unproved) return failed("auth_failed", thrown.message);
  if (status === 401 || status === 403) return failed("auth_failed", `http_${status}`);
  if (status !== null && status >= 300 && status < 400) return failed("dial_failed", "redirect");
  if (status !== null) return failed("dial_failed", `http_${status}`);
  const said = refusalOf(code);
  if (said === "incompatible_version" || said === "self") return failed(said, "the member says so");
  if (thrown instanceof MalformedFrame) return failed("dial_failed", "no_link");
  return failed("dial_failed", code === null ? "no_answer" : `closed_${code}`);
}
