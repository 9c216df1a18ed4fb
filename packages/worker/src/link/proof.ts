// Holds how both ends of a unix-socket link prove that they hold the key file beside the socket: an HMAC over both nonces
// and the role, so that neither proof can be sent back as the other. Nothing is answered before the proofs are checked.
import { randomBytes } from "node:crypto";
import { isProofOf, proofOf } from "@fleetty/carrier/proof";
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
  return proofOf(key, textOf(subject));
}

/** In constant time. */
export function isProof(key: Uint8Array, subject: ProofSubject, proof: string): boolean {
  return isProofOf(key, textOf(subject), proof);
}

function textOf({ role, hubNonce, workerNonce, linkGeneration }: ProofSubject): string {
  return [LINK_PROTOCOL, role, hubNonce, workerNonce, linkGeneration].join("\n");
}
