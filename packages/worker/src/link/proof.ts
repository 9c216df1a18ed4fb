// Holds how both ends of a unix-socket link prove that they hold the key file beside the socket: an HMAC over both nonces
// and the role, so that neither proof can be sent back as the other. Nothing is answered before the proofs are checked.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { LINK_PROTOCOL } from "@fleetty/protocol/link";

/** What a proof covers. */
export interface ProofSubject {
  readonly role: "hub" | "worker";
  readonly hubNonce: string;
  readonly workerNonce: string;
  /** Given by the hub end; 0 in the worker end's proof, which comes before it. */
  readonly linkGeneration: number;
}

export function makeNonce(): string {
  return randomBytes(16).toString("base64url");
}

export function prove(key: Uint8Array, subject: ProofSubject): string {
  const text = [LINK_PROTOCOL, subject.role, subject.hubNonce, subject.workerNonce, subject.linkGeneration].join("\n");
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** In constant time. */
export function isProof(key: Uint8Array, subject: ProofSubject, proof: string): boolean {
  const right = Buffer.from(prove(key, subject));
  const given = Buffer.from(proof);
  return given.length === right.length && timingSafeEqual(given, right);
}
