// A session host that can be looked into: the same program under Node's inspector. For what no answer tells, such as whether
// something was left behind in it.
import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { Inspector } from "./inspector.ts";
import { placeHost } from "./placed-host.ts";
import type { TestServer } from "./server.ts";

const MAIN = resolve(import.meta.dirname, "../../packages/worker/src/session-host/main.ts");

export class InspectedHost {
  readonly #inspector: Inspector;

  private constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  /** Every session that `server` makes from now on lives in it. The server must have none yet, and is restarted. */
  static async start(server: TestServer, { ringBytes }: { readonly ringBytes: number }): Promise<InspectedHost> {
    const { promise, resolve: look } = Promise.withResolvers<Inspector>();
    const onStart = async (child: ChildProcess) => {
      let said = "";
      child.stderr?.on("data", (piece: Buffer) => {
        said += piece.toString();
      });
      look(await Inspector.of(() => said));
    };
    await placeHost(server, { node: ["--inspect=127.0.0.1:0", MAIN], ringBytes, onStart });
    return new InspectedHost(await promise);
  }

  /** Timers that it has running: each wait has one, whatever it waits for. */
  timers(): Promise<number> {
    return this.#inspector.timers();
  }

  /** Bytes that it holds, garbage not counted. */
  heldBytes(): Promise<number> {
    return this.#inspector.heldBytes();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    this.#inspector.close();
  }
}
