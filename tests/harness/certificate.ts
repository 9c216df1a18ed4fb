// Makes certificates as an operator without an authority does: by openssl, signed by themselves.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** For localhost, 127.0.0.1 and `names`, which may be addresses; valid from now on for a day. */
export function makeCertificate(folder: string, label: string, names: readonly string[] = []): CertificateFiles {
  const files = { cert: join(folder, `${label}.pem`), key: join(folder, `${label}.key`) };
  const also = ["DNS:localhost", "IP:127.0.0.1", ...names.map(nameEntry)].join(",");
  const of = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", `/CN=${label}`];
  const to = ["-keyout", files.key, "-out", files.cert];
  execFileSync("openssl", ["req", "-x509", "-days", "1", ...of, "-addext", `subjectAltName=${also}`, ...to], {
    stdio: "pipe",
  });
  return files;
}

function nameEntry(name: string): string {
  return `${isIP(name) === 0 ? "DNS" : "IP"}:${name}`;
}

/** As `ca` in requests. */
export function textOf({ cert }: CertificateFiles): string {
  return readFileSync(cert, "utf8");
}
