// The handshake of a link between servers as its answering end goes through it, whoever dialled: answers the hub's challenge
// with who it is, then lets in a hub that has proved who that is. Knows no socket; decides nothing about what is asked later.
import { randomBytes } from "node:crypto";
import {
  agree,
  handshakeFromHub,
  MalformedFrame,
  type MemberChallenge,
  type MemberHello,
  type MemberWelcome,
  ourRange,
  readFrame,
  signedText,
  silenceOf,
} from "@fleetty/protocol/link";
import type { JoinCode } from "./join-code.ts";
import { isProofOf, proofOf } from "./proof.ts";
import { isSignedBy, type ServerKey } from "./server-key.ts";

/** Handshake messages are no longer (link protocol, handshake). */
export const HANDSHAKE_FRAME_BYTES = 64 * 1024;

/** Who this server is. */
export type GreetingFacts = Pick<
  MemberHello,
  "server" | "start_id" | "hostname" | "incarnation" | "host_print" | "version" | "features"
>;

export interface MemberGreetingOptions {
  readonly facts: GreetingFacts;
  readonly key: ServerKey;
  /** The highest link generation that this hub has given; 0 when it has given none. */
  readonly lastGenerationOf: (hub: string) => number;
  /** Whether this is the hub that is meant; looked at before anything is said. Absent: any hub may ask. */
  readonly isMeant?: (hub: Pick<MemberChallenge, "hub" | "key">) => boolean;
  /** Of the first contact with a hub that this server dials; its proof is said to no other hub. */
  readonly join?: JoinCode | null;
  /** Of a unix socket, beside which it lies: who is greeted is to prove that it has read it, as this server does. */
  readonly socketKey?: Uint8Array;
  readonly send: (text: string) => void;
  /** Ends the link with a close code of the protocol. */
  readonly refuse: (code: number, reason: string) => void;
}

/** A hub that has proved to hold its key. */
export interface GreetedHub {
  readonly hub: string;
  readonly key: string;
  readonly linkGeneration: number;
  /** Silence after which the link is to be given up, ms: what the hub says, within bounds. */
  readonly lostAfterMs: number;
}

export function makeNonce(): string {
  return randomBytes(16).toString("base64url");
}

export class MemberGreeting {
  readonly #options: MemberGreetingOptions;
  readonly #nonce = makeNonce();
  #challenge: MemberChallenge | null = null;

  constructor(options: MemberGreetingOptions) {
    this.#options = options;
  }

  /** The hub, once `message` completes the handshake; else null. Throws MalformedFrame for what is no handshake. */
  take(message: string | Uint8Array): GreetedHub | null {
    if (typeof message !== "string" || message.length > HANDSHAKE_FRAME_BYTES) throw new MalformedFrame("no handshake");
    const frame = readFrame(handshakeFromHub, message);
    if (frame?.type === "challenge" && this.#challenge === null) {
      this.#answer(frame);
      return null;
    }
    if (frame?.type === "welcome" && this.#challenge && this.#isProved(frame, this.#challenge)) {
      const { hub, key } = this.#challenge;
      const { link_generation: linkGeneration, policy } = frame;
      return { hub, key, linkGeneration, lostAfterMs: silenceOf(policy.lost_ms) };
    }
    this.#options.refuse(4001, "bad identity");
    return null;
  }

  #answer(challenge: MemberChallenge): void {
    const { facts, key, lastGenerationOf, isMeant, join, socketKey, send, refuse } = this.#options;
    if (agree(ourRange, challenge.protocol) === null) return refuse(4011, "version");
    if (challenge.hub === facts.server) return refuse(4012, "self");
    if (isMeant && !isMeant(challenge)) return refuse(4001, "another hub");
    this.#challenge = challenge;
    const signed = signedText("member", this.#subject(challenge, 0));
    const hello: MemberHello = {
      type: "hello",
      ...facts,
      key: key.text,
      nonce: this.#nonce,
      last_link_generation: lastGenerationOf(challenge.hub),
      protocol: ourRange,
      ...(join && { join: { id: join.id, proof: proofOf(join.secretHash, signed) } }),
      ...(socketKey && { proof: proofOf(socketKey, signed) }),
      sig: key.sign(signed),
    };
    send(JSON.stringify(hello));
  }

  #isProved(welcome: MemberWelcome, challenge: MemberChallenge): boolean {
    const subject = this.#subject(challenge, welcome.link_generation);
    const signed = signedText("hub", subject);
    const { socketKey } = this.#options;
    const isFromSocket = socketKey === undefined || isProofOf(socketKey, signed, welcome.proof ?? "");
    return isFromSocket && isSignedBy(challenge.key, signed, welcome.sig);
  }

  #subject({ nonce, hub }: MemberChallenge, linkGeneration: number) {
    const { server, incarnation } = this.#options.facts;
    return { hubNonce: nonce, memberNonce: this.#nonce, hub, server, incarnation, linkGeneration };
  }
}
