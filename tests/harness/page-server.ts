// Serves one page with the client, from an origin of its own, as a site does that is not fleetty's: the bundle as ES modules
// below the name that developers import, and a content security policy that lets in nothing but its own scripts and the
// servers that it speaks to.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientBundle } from "./client-bundle.ts";

const NONCE = "of-this-test";

export interface PageOptions {
  /** Origins that the page may connect to. */
  readonly connects: readonly string[];
  /** Whether it is of no origin (`null`), as in a sandboxed frame; modules are not to be had there. */
  readonly isSandboxed?: boolean;
}

export class PageServer {
  readonly #bundle: ClientBundle;
  readonly #server: Server;
  readonly #options: PageOptions;
  /** Body of the page behind its import map. */
  #body = "";

  private constructor(bundle: ClientBundle, options: PageOptions) {
    this.#bundle = bundle;
    this.#options = options;
    this.#server = createServer(({ url = "/" }, response) => {
      const code = this.#bundle.files.get(url.slice(1));
      const type = code === undefined ? "text/html" : "text/javascript";
      response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "content-security-policy": this.#policy() });
      response.end(code ?? this.#html());
    });
  }

  static async start(bundle: ClientBundle, options: PageOptions): Promise<PageServer> {
    const page = new PageServer(bundle, options);
    page.#server.listen(0, "127.0.0.1");
    await once(page.#server, "listening");
    return page;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the page is from now on: an element to show things in, and a module. */
  serve(script: string): void {
    this.#body = `<pre id="shown"></pre><script type="module" nonce="${NONCE}">${script}</script>`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #html(): string {
    const map = JSON.stringify({ imports: { "@fleetty/client": "/client.js" } });
    return `<!doctype html><title>a page</title><script type="importmap" nonce="${NONCE}">${map}</script>${this.#body}`;
  }

  #policy(): string {
    const { connects, isSandboxed } = this.#options;
    const sandbox = isSandboxed ? "sandbox allow-scripts; " : "";
    return `${sandbox}default-src 'none'; script-src 'self' 'nonce-${NONCE}'; connect-src ${connects.join(" ")}`;
  }
}
