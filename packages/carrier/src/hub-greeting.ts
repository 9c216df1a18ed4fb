// The handshake of a link between servers as its asking end goes through it, whoever dialled: says who the hub is, hears who
// the member is, and welcomes it or says why not. Who may be welcomed is for its caller to judge.
import {
  type HelloRefusal,
  handshakeFromMember,
  type LinkPolicy,
  MalformedFrame,
  type MemberHello,
  ourRange,
  readFrame,
  refusals,
  signedText,
} from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import type { HandshakeMessages } from "./handshake-messages.ts";
import { HANDSHAKE_FRAME_BYTES, makeNonce } from "./member-greeting.ts";
import { isProofOf, proofOf } from "./proof.ts";
import { isSignedBy, type ServerKey } from "./server-key.ts";

/** Largest message on a link, and the room of a stream beyond its last credit. */
export const MEMBER_POLICY: LinkPolicy = { max_frame: 1_048_576, max_inflight: 4096, credit: 1_048_576 };

export interface HubGreetingOptions {
  readonly hub: {
    readonly id: string;
    readonly key: ServerKey;
    /** Silence after which it gives a link up, ms. */
    readonly lostAfterMs: number;
  };
  /** Gives the link its number, or says why there is none. */
  readonly judge: (hello: MemberHello, signed: SignedHello) => Promise<Welcomed | Unwelcome>;
  /** Of a unix socket, beside which it lies: the member is to prove that it has made it, as the hub that it has read it. */
  readonly socketKey?: Uint8Array | undefined;
}

/** What a hello is signed over. */
export interface SignedHello {
  readonly text: string;
  /** Whether the signature is that of the key that the hello names. */
  readonly isValid: boolean;
}

export interface Welcomed {
  readonly linkGeneration: number;
}

export interface Unwelcome {
  readonly reason: HelloRefusal;
  readonly detail: string;
}

/** A member that was not welcomed. The link has been closed with the code of that reason. */
export class NotWelcome extends Error {
  override readonly name = "NotWelcome";
  readonly reason: HelloRefusal;

  constructor(reason: HelloRefusal, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Who listens on a unix socket has not made the key beside it. Nothing was said to it but who the hub is. */
export class Unproved extends Error {
  override readonly name = "Unproved";
}

export interface GreetedMember {
  readonly hello: MemberHello;
  readonly linkGeneration: number;
}

/** Throws NotWelcome, Unproved, MalformedFrame, or what ended the socket. */
export async function greetMember(
  socket: WebSocket,
  messages: HandshakeMessages,
  { hub, judge, socketKey }: HubGreetingOptions,
): Promise<GreetedMember> {
  const nonce = makeNonce();
  send(socket, { type: "challenge", hub: hub.id, key: hub.key.text, nonce, protocol: ourRange });
  const text = await messages.nextText();
  if (text.length > HANDSHAKE_FRAME_BYTES) throw new MalformedFrame("a long greeting");
  const hello = readFrame(handshakeFromMember, text);
  if (!hello) throw new MalformedFrame("no greeting");
  const { server, incarnation } = hello;
  const subject = { hubNonce: nonce, memberNonce: hello.nonce, hub: hub.id, server, incarnation };
  const signed = signedText("member", { ...subject, linkGeneration: 0 });
  if (socketKey && !isProofOf(socketKey, signed, hello.proof ?? "")) {
    socket.close(refusals.bad_identity, "bad identity");
    throw new Unproved("no proof of the key beside the socket");
  }
  const judged = await judge(hello, { text: signed, isValid: isSignedBy(hello.key, signed, hello.sig) });
  if ("reason" in judged) {
    socket.close(refusals[judged.reason], judged.reason);
    throw new NotWelcome(judged.reason, judged.detail);
  }
  const { linkGeneration } = judged;
  const welcomed = signedText("hub", { ...subject, linkGeneration });
  send(socket, {
    type: "welcome",
    link: `lnk_${linkGeneration}`,
    link_generation: linkGeneration,
    protocol: ourRange.max,
    policy: { ...MEMBER_POLICY, lost_ms: hub.lostAfterMs },
    ...(socketKey && { proof: proofOf(socketKey, welcomed) }),
    sig: hub.key.sign(welcomed),
  });
  return { hello, linkGeneration };
}

function send(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame));
}
