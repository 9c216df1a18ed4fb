// Tells a server whose certificate does not convince from one that does not answer, by the codes of OpenSSL's verification
// (openssl-verification-options(1)) and Node's own for a name that is not in the certificate.

const CODES: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "INVALID_CA",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export function isDistrust(cause: unknown): boolean {
  return cause instanceof Error && CODES.has(String((cause as NodeJS.ErrnoException).code));
}
