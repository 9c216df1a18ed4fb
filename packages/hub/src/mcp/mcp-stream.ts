// The stream that an MCP client holds open for what it did not ask for. A client that reads slowly hears of each thing once when
// it reads again, so what waits for it is bounded by what it subscribed to.
import type { ServerResponse } from "node:http";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { Headers } from "../faces/answer.ts";
import { beginEvents, endEvents, HEARTBEAT_MS } from "../faces/event-response.ts";
import { eventText, HEARTBEAT } from "./event-text.ts";

export class McpStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: NodeJS.Timeout;
  /** What waits for a slow reader, by what it is about. */
  readonly #waiting = new Map<string, JSONRPCMessage>();

  constructor(response: ServerResponse, headers: Headers) {
    this.#response = response;
    beginEvents(response, headers);
    this.#heartbeat = setInterval(() => !response.writableNeedDrain && response.write(HEARTBEAT), HEARTBEAT_MS);
    response.on("drain", () => this.#flush());
    response.once("close", () => clearInterval(this.#heartbeat));
  }

  tell(message: JSONRPCMessage): void {
    const { method = "", params } = message as { method?: string; params?: { uri?: unknown } };
    this.#waiting.set(`${method} ${String(params?.uri ?? "")}`, message);
    this.#flush();
  }

  whenClosed(tell: () => void): void {
    this.#response.once("close", tell);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    endEvents(this.#response);
  }

  #flush(): void {
    for (const [about, message] of this.#waiting) {
      if (this.#response.writableNeedDrain || this.#response.writableEnded) return;
      this.#waiting.delete(about);
      this.#response.write(eventText(message));
    }
  }
}
