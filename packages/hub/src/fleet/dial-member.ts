// Dials one member by its address: connects to a judged address, brings the member's token, goes through the handshake, and
// hands over an open link once the member's sessions are known. One try; what follows a failure is for its caller. Of what a
// peer answers nothing but its HTTP status is ever repeated.
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { greetMember, type HubGreetingOptions, MEMBER_POLICY, NotWelcome } from "@fleetty/carrier/hub-greeting";
import { closeSoon } from "@fleetty/carrier/socket-end";
import { type HelloRefusal, LINK_PROTOCOL, MalformedFrame, refusalOf } from "@fleetty/protocol/link";
import type { Secret } from "@fleetty/protocol/secret";
import { WebSocket } from "ws";
import type { MemberAddress } from "./member-address.ts";
import { CUT_WITHIN_MS, type LinkEvents, type MemberLink, openMemberLink } from "./member-link.ts";
import type { PinnedConnect } from "./pinned-connect.ts";

/** Why there is no link. Those of a member that is not welcome keep it `rejected`, as does `address_denied`. */
export type DialReason = HelloRefusal | "address_denied" | "dial_failed" | "auth_failed" | "tls_failed";

export interface DialFailure {
  readonly kind: "failed";
  readonly reason: DialReason;
  readonly detail: string;
}

export interface DialParts {
  readonly address: MemberAddress;
  readonly connect: PinnedConnect;
  /** What is sent to the IP address that was contacted; null for nothing. Does not throw. */
  readonly token: (contacted: string) => Secret | null;
  readonly greeting: HubGreetingOptions;
  readonly events: LinkEvents;
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
    const greeted = await greetMember(socket, messages, parts.greeting);
    const { address: contacted } = connected;
    return await openMemberLink({ socket, below, contacted, messages, greeted }, parts.events);
  } catch (thrown) {
    closeSoon(socket, CUT_WITHIN_MS);
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
  const said = refusalOf(code);
  if (said === "incompatible_version" || said === "self") return failed(said, "the member says so");
  if (thrown instanceof MalformedFrame) return failed("dial_failed", "no_link");
  return failed("dial_failed", code === null ? "no_answer" : `closed_${code}`);
}
