// A server and its one session host, both of which can be looked into: for what no answer tells, such as what they hold.
import { InspectedHost } from "./inspected-host.ts";
import { Inspector } from "./inspector.ts";
import { type ServerOptions, startServer, type TestServer } from "./server.ts";

/** Bytes that each holds, garbage not counted. */
export interface HeldBytes {
  readonly server: number;
  readonly host: number;
}

export class InspectedServer {
  readonly server: TestServer;
  readonly #host: InspectedHost;
  readonly #inspector: Inspector;

  private constructor(server: TestServer, host: InspectedHost, inspector: Inspector) {
    this.server = server;
    this.#host = host;
    this.#inspector = inspector;
  }

  static async start(options: ServerOptions & { readonly ringBytes: number }): Promise<InspectedServer> {
    const { args = [], ringBytes } = options;
    const server = await startServer({
      ...options,
      args: [...args, "--session-hosts", "1"],
      env: { ...options.env, NODE_OPTIONS: "--inspect=127.0.0.1:0" },
    });
    const host = await InspectedHost.start(server, { ringBytes });
    // It has been restarted since, and said each time where its inspector listens.
    const inspector = await Inspector.of(() => server.log.slice(server.log.lastIndexOf("Debugger listening")));
    return new InspectedServer(server, host, inspector);
  }

  async heldBytes(): Promise<HeldBytes> {
    return { server: await this.#inspector.heldBytes(), host: await this.#host.heldBytes() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#inspector.close();
    this.#host.close();
    await this.server[Symbol.asyncDispose]();
  }
}
