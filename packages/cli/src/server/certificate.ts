// Reads a certificate and its key from their files, and sees that they belong together before anybody is shown them.
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Certificate } from "@fleetty/hub/faces/tcp-access";
import { FleettyError } from "@fleetty/protocol/errors";

/** Throws `invalid_request` naming the file that cannot be used. */
export function readCertificate(files: { readonly cert: string; readonly key: string }): Certificate {
  const certificate = { cert: textOf("--tls-cert", files.cert), key: textOf("--tls-key", files.key) };
  try {
    createSecureContext(certificate);
    return certificate;
  } catch (cause) {
    const message = `${files.cert} and ${files.key} are no certificate and its key in PEM: ${(cause as Error).message}`;
    throw new FleettyError("invalid_request", message, { field: "--tls-cert" }, { cause });
  }
}

function textOf(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new FleettyError("invalid_request", `${flag}: ${file} cannot be read`, { field: flag }, { cause });
  }
}
