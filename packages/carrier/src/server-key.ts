// The Ed25519 key of a server, kept in a file of its own (0600) that never leaves the machine: proves to other servers that
// this is the one they met. Knows no link.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** `ed25519:` and the 32 bytes of a public key, base64url. */
const PREFIX = "ed25519:";
/** What stands before the 32 bytes in a public key's DER form (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

export class ServerKey {
  readonly #private: KeyObject;
  /** Its public half, as links and people write it. */
  readonly text: string;

  private constructor(key: KeyObject) {
    this.#private = key;
    const spki = createPublicKey(key).export({ type: "spki", format: "der" });
    this.text = PREFIX + spki.subarray(SPKI_HEAD.length).toString("base64url");
  }

  /** Throws for a text that is no Ed25519 key in PEM. */
  static fromPem(pem: string): ServerKey {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== "ed25519") throw new Error(`a key of type ${key.asymmetricKeyType} is not Ed25519`);
    return new ServerKey(key);
  }

  /** A new one as a PEM text (PKCS #8). */
  static makePem(): string {
    return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  }

  /** base64url. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#private).toString("base64url");
  }
}

/** Whether `signature` is that of `text` by the key written as `keyText`; false for anything that is no key or no signature. */
export function isSignedBy(keyText: string, text: string, signature: string): boolean {
  const raw = Buffer.from(keyText.slice(PREFIX.length), "base64url");
  if (!keyText.startsWith(PREFIX) || raw.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: "der", type: "spki" });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
}
