// The code by which a worker that dials its hub is let in once: which one it is, a secret, and whose code it is. The secret
// never crosses a wire: a worker proves to have it by an HMAC over what it signs anyway. Knows no store and no link.
import { createHash, randomBytes } from "node:crypto";
import { makeId } from "@fleetty/protocol/ids";

export interface JoinCode {
  /** `jcd_…` */
  readonly id: string;
  /** What the hub keeps of the secret, and what a proof over the text that is signed anyway is made with. */
  readonly secretHash: string;
  /** Of the one hub that it is for. */
  readonly hubFingerprint: string;
}

/** A code as it is handed to people, once. */
export interface MadeJoinCode extends JoinCode {
  readonly text: string;
}

/** 128 bits. */
const SECRET_BYTES = 16;
/** 132 bits of a SHA-256: nobody makes a second key with it. */
const FINGERPRINT_CHARACTERS = 22;
/** Id, secret and fingerprint, none of which holds a dot. */
const FORM = /^fjc_([0-7][0-9A-HJKMNP-TV-Z]{25})\.([\w-]{22})\.([\w-]{22})$/;

export function makeJoinCode(hubKey: string): MadeJoinCode {
  const id = makeId("jcd");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const hubFingerprint = keyFingerprint(hubKey);
  const text = `fjc_${id.slice("jcd_".length)}.${secret}.${hubFingerprint}`;
  return { id, text, secretHash: hashOf(secret), hubFingerprint };
}

/** Null for what has not the form of a code. */
export function readJoinCode(text: string): JoinCode | null {
  const [, id, secret, hubFingerprint] = FORM.exec(text) ?? [];
  if (id === undefined || secret === undefined || hubFingerprint === undefined) return null;
  return { id: `jcd_${id}`, secretHash: hashOf(secret), hubFingerprint };
}

/** Of a key as links write it. */
export function keyFingerprint(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, FINGERPRINT_CHARACTERS);
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
