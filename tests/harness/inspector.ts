// Looks into a process that runs under Node's inspector, for what no answer tells: what it holds and what it waits for.
import { once } from "node:events";
import { WebSocket } from "ws";
import { waitUntil } from "./wait-until.ts";

export class Inspector {
  readonly #socket: WebSocket;
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** `said` is what the process has written to standard error: Node says there where its inspector listens. */
  static async of(said: () => string): Promise<Inspector> {
    const address = await waitUntil("its inspector listens", () => /ws:\S+/.exec(said())?.[0], { seen: said });
    const socket = new WebSocket(address);
    await once(socket, "open");
    return new Inspector(socket);
  }

  /** Timers that it has running. */
  timers(): Promise<number> {
    return this.#evaluate(`process.getActiveResourcesInfo().filter((one) => one === "Timeout").length`);
  }

  /** Bytes that it holds, garbage not counted: objects, buffers, and what waits for its sockets. */
  async heldBytes(): Promise<number> {
    await this.#ask("HeapProfiler.collectGarbage", {});
    return this.#evaluate("process.memoryUsage().heapUsed + process.memoryUsage().external");
  }

  /** A process that is looked into does not exit. */
  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    this.#socket.close();
  }

  async #evaluate(expression: string): Promise<number> {
    const { result } = await this.#ask("Runtime.evaluate", { expression, returnByValue: true });
    return result?.value as number;
  }

  #ask(method: string, params: object): Promise<{ readonly result?: { readonly value: unknown } }> {
    const id = ++this.#asked;
    const answered = new Promise<{ result?: { value: unknown } }>((resolve) => {
      const take = (data: Buffer) => {
        const message = JSON.parse(data.toString());
        if (message.id !== id) return;
        this.#socket.off("message", take);
        resolve(message.result);
      };
      this.#socket.on("message", take);
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answered;
  }
}
