// Seals short texts for the disk, the tokens of members and the secrets of sessions: AES-256-GCM under the key of this
// machine's state folder, bound to whose text it is, so that a row moved to another owner opens for nobody. Knows no file and
// no store.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import { invariant } from "@fleetty/protocol/invariant";
import { Secret } from "@fleetty/protocol/secret";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** The length that GCM is made for (NIST SP 800-38D, 8.2.2); random, since few texts are ever sealed with one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names the form, so that another one can follow. */
const FORM = "gcm1.";

export class SealedTexts {
  readonly #key: Secret;

  /** `key`: 32 bytes in base64url. */
  constructor(key: Secret) {
    invariant(bytesOf(key).byteLength === KEY_BYTES, `the key of sealed texts has ${KEY_BYTES} bytes`);
    this.#key = key;
  }

  /** What may be stored: ASCII, another one each time. `owner` says whose it is: a member's id, `secret sudo-web`. */
  seal(owner: string, text: Secret): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, bytesOf(this.#key), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(FORM + owner));
    const sealed = [nonce, cipher.update(text.reveal(), "utf8"), cipher.final(), cipher.getAuthTag()];
    return FORM + Buffer.concat(sealed).toString("base64url");
  }

  /** Throws `internal_error {reason: "sealed_text_broken"}` naming the owner, for a text that was not sealed so for it. */
  open(owner: string, sealed: string): Secret {
    const bytes = Buffer.from(sealed.slice(FORM.length), "base64url");
    // Decoding passes over what is no base64url: only the one spelling counts.
    const isForm = sealed === FORM + bytes.toString("base64url") && bytes.byteLength >= NONCE_BYTES + TAG_BYTES;
    if (!isForm) throw broken(owner);
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, bytesOf(this.#key), nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(FORM + owner));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
      return new Secret(Buffer.concat(opened).toString("utf8"));
    } catch {
      throw broken(owner);
    }
  }
}

function bytesOf(key: Secret): Buffer {
  return Buffer.from(key.reveal(), "base64url");
}

function broken(owner: string): FleettyError {
  const message = `what is stored sealed for ${owner} cannot be opened: it is damaged, or another secret.key sealed it; set it again`;
  return new FleettyError("internal_error", message, { reason: "sealed_text_broken" });
}
