// The handshake of a link between servers: its frames, what each end signs, and what a hub makes of a greeting. Pure: keys
// are used elsewhere. The hub end speaks first, whoever dialled.
//
//   H→W challenge  who I am, my key, my nonce
//   W→H hello      who I am, my key, my nonce; signed
//   H→W welcome    the link's generation and policy; signed                or the link is closed with a code that says why
//   W→H inventory  every session that lives here
import * as z from "zod";
import { policy } from "./text-frames.ts";
import { agree, LINK_PROTOCOL, ourRange } from "./version.ts";

const range = z.object({ min: z.int(), max: z.int() });
const text = z.string().max(256);

const challenge = z.object({
  type: z.literal("challenge"),
  /** Lasting id of the server that asks. */
  hub: text,
  key: text,
  nonce: text,
  protocol: range,
});
const hello = z.object({
  type: z.literal("hello"),
  /** Lasting id of the server that answers. */
  server: text,
  /** New at each start. */
  start_id: text,
  hostname: text,
  key: text,
  nonce: text,
  /** Number of this run of the server, kept in its state folder. */
  incarnation: z.int().min(0),
  /** Hash of machine and boot: tells a restarted server from a copy of it. */
  host_print: text,
  /** The highest that it has seen from this hub; that of the next link is above it. */
  last_link_generation: z.int().min(0),
  version: text,
  protocol: range,
  features: z.array(text).max(256),
  /** Of a worker that is not known yet: which code it has, and the proof of it (an HMAC over what is signed). */
  join: z.object({ id: text, proof: text }).nullish(),
  /** On a unix socket: that it has the key beside it (an HMAC over what is signed). */
  proof: text.nullish(),
  sig: z.string().max(512),
});
const welcome = z.object({
  type: z.literal("welcome"),
  link: text,
  link_generation: z.int().min(1),
  protocol: z.int(),
  policy,
  /** As in the hello, over what the hub signs. */
  proof: text.nullish(),
  sig: z.string().max(512),
});

/** What a hub says before the conversation, and what a member does. */
export const handshakeFromHub = { challenge, welcome };
export const handshakeFromMember = { hello };

export type MemberChallenge = z.infer<typeof challenge>;
export type MemberHello = z.infer<typeof hello>;
export type MemberWelcome = z.infer<typeof welcome>;

/** What both ends sign: who they are to each other on this link and no other. */
export interface LinkSubject {
  readonly hubNonce: string;
  readonly memberNonce: string;
  readonly hub: string;
  readonly server: string;
  readonly incarnation: number;
  /** Given by the hub; 0 in the member's signature, which comes before it. */
  readonly linkGeneration: number;
}

/** The text that is signed. Its roles differ, so that neither signature can be sent back as the other. */
export function signedText(role: "hub" | "member", subject: LinkSubject): string {
  const { hubNonce, memberNonce, hub, server, incarnation, linkGeneration } = subject;
  return JSON.stringify([LINK_PROTOCOL, role, hubNonce, memberNonce, hub, server, incarnation, linkGeneration]);
}

/** Why a link ends before it begins. Close codes are those of the link protocol. */
export const refusals = {
  incompatible_version: 4011,
  self: 4012,
  bad_identity: 4001,
  revoked: 4003,
  pending_approval: 4004,
  hostname_conflict: 4013,
  duplicate: 4009,
  overloaded: 4014,
} as const;
export type HelloRefusal = keyof typeof refusals;

/** What a close code says; undefined for one that is none of these, and for none. */
export function refusalOf(code: number | null): HelloRefusal | undefined {
  return (Object.keys(refusals) as HelloRefusal[]).find((reason) => refusals[reason] === code);
}

/** What a hub knows when a member greets it. */
export interface HelloFacts {
  /** The hub's own lasting id and that of this run. */
  readonly own: { readonly id: string; readonly startId: string; readonly hostname: string };
  /** Whether the signature is that of the key in the hello. */
  readonly isSigned: boolean;
  /** The key that was met first; null when none was. */
  readonly pinnedKey: string | null;
  /** Whether that key, or the one in the hello, was taken back for ever. */
  readonly isRevoked: boolean;
  /** Whether a person has let it in, where that was asked for. */
  readonly isApproved: boolean;
  /** The id that was met first. */
  readonly pinnedServer: string | null;
  /** Name that the operator gave, in place of the reported one. */
  readonly name: string | null;
  /** Hostnames of the other members, and their ids. */
  readonly others: readonly { readonly id: string | null; readonly hostname: string | null }[];
}

/** A refusal with what an operator needs to know, or null. In the order of the link protocol's handshake. */
export function judgeHello(
  hello: MemberHello,
  facts: HelloFacts,
): { readonly reason: HelloRefusal; readonly detail: string } | null {
  const { own, others, name } = facts;
  if (agree(ourRange, hello.protocol) === null) {
    return { reason: "incompatible_version", detail: `it speaks ${hello.protocol.min} to ${hello.protocol.max}` };
  }
  if (hello.server === own.id || hello.start_id === own.startId) {
    return { reason: "self", detail: "this address leads to the hub itself" };
  }
  const identity = judgeIdentity(hello, facts);
  if (identity) return identity;
  if (!facts.isApproved) return { reason: "pending_approval", detail: "it waits for fleetty servers approve" };
  const hostname = name ?? hello.hostname;
  const wrong = hostnameIssue(hostname);
  if (wrong) return { reason: "hostname_conflict", detail: `${JSON.stringify(hostname)} ${wrong}` };
  const isSame = (other: string | null) => other?.toLowerCase() === hostname.toLowerCase();
  if (isSame(own.hostname)) return { reason: "hostname_conflict", detail: `${hostname} is the hub's own name` };
  const holder = others.find((other) => isSame(other.hostname));
  if (holder)
    return { reason: "hostname_conflict", detail: `${hostname} is the name of ${holder.id ?? "another member"}` };
  return null;
}

function judgeIdentity(
  { server, key }: MemberHello,
  { isSigned, isRevoked, pinnedKey, pinnedServer, others }: HelloFacts,
): { readonly reason: "bad_identity" | "revoked"; readonly detail: string } | null {
  const refuse = (detail: string) => ({ reason: "bad_identity" as const, detail });
  if (!isSigned) return refuse("its signature is not that of its key");
  if (isRevoked) return { reason: "revoked", detail: `its key was revoked: ${key}` };
  if (pinnedServer !== null && pinnedServer !== server) return refuse(`another server answers there: ${server}`);
  if (pinnedKey !== null && pinnedKey !== key) return refuse(`it has another key: ${key}`);
  if (others.some(({ id }) => id === server)) return refuse(`duplicate_of ${server}`);
  return null;
}

/** Names that would be mistaken for something else (RFC 1123 names only). */
function hostnameIssue(hostname: string): string | null {
  if (["local", "resolve", "join-codes"].includes(hostname.toLowerCase())) return "is a reserved word";
  const isName =
    hostname.length <= 253 &&
    hostname.split(".").every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
  return isName ? null : "is no hostname";
}
