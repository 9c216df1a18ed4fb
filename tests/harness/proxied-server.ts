// A server below a path prefix, behind nginx that speaks TLS, both set up as docs/operating.md says: how a member of a fleet is
// reached through a reverse proxy.
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "./certificate.ts";
import { freePort } from "./free-port.ts";
import { Nginx } from "./nginx.ts";
import { block, replaced } from "./operating.ts";
import { startServer, type TestServer } from "./server.ts";

export interface ProxiedServer extends AsyncDisposable {
  readonly server: TestServer;
  /** Where others reach it: `https://localhost:…/fleetty`. */
  readonly address: string;
  /** File with the certificate that whoever dials it has to trust. */
  readonly ca: string;
}

/** `program`: where nginx is. */
export async function startProxiedServer(program: string, hostname: string): Promise<ProxiedServer> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempDisposableSync("/tmp/ft-");
  stack.defer(() => folder.remove());
  const [port, behind] = [await freePort(), await freePort()];
  const certificate = makeCertificate(folder.path, "outside");
  const config = join(folder.path, "config.toml");
  writeFileSync(config, replaced(block("Behind nginx", "toml"), { "127.0.0.1:7337": `127.0.0.1:${behind}` }));
  const http = replaced(block("Behind nginx", "nginx"), {
    "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
    "server_name fleetty.example.com": "server_name localhost",
    "/etc/ssl/certs/fleetty.example.com.pem": certificate.cert,
    "/etc/ssl/private/fleetty.example.com.key": certificate.key,
    "http://127.0.0.1:7337": `http://127.0.0.1:${behind}`,
  });
  const server = stack.use(await startServer({ args: ["--config", config, "--hostname", hostname] }));
  const nginx = await Nginx.start(program, { folder: folder.path, http, port });
  stack.defer(() => nginx.stop());
  const owned = stack.move();
  return {
    server,
    address: `https://localhost:${port}/fleetty`,
    ca: certificate.cert,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
