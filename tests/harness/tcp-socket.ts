// A plain viewer over TCP, with or without TLS: what it was shown, how it was closed, or how its upgrade was refused.
import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import type { Answer } from "./http.ts";
import { waitUntil } from "./wait-until.ts";

export class TcpSocket {
  readonly #socket: WebSocket;
  #text = "";
  #refusal: Answer | null = null;
  #headers: IncomingMessage["headers"] = {};
  #closed: number | null = null;

  private constructor(url: string, options: ClientOptions) {
    this.#socket = new WebSocket(url, options);
    this.#socket.on("message", (data: Buffer) => {
      this.#text += data.toString();
    });
    this.#socket.on("upgrade", ({ headers }) => {
      this.#headers = headers;
    });
    this.#socket.on("unexpected-response", (_, response) => void this.#refused(response));
    this.#socket.on("close", (code) => {
      this.#closed = code;
    });
    this.#socket.on("error", () => {});
  }

  /** Resolves when it is open, or refused. */
  static async ask(url: string, options: ClientOptions = {}): Promise<TcpSocket> {
    const asked = new TcpSocket(url, options);
    await waitUntil(
      `${url} is answered`,
      () => asked.#refusal || asked.#socket.readyState === WebSocket.OPEN || asked.#closed !== null,
    );
    return asked;
  }

  /** Null for one that was let in. */
  get refusal(): Answer | null {
    return this.#refusal;
  }

  /** Headers of the answer that let it in. */
  get headers(): IncomingMessage["headers"] {
    return this.#headers;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  type(text: string): void {
    this.#socket.send(text);
  }

  async shows(text: string): Promise<void> {
    await waitUntil(`the viewer shows ${text}`, () => this.#text.includes(text), {
      seen: () => this.#text.slice(-500),
    });
  }

  /** Code that it was closed with by the other end. */
  async closed(): Promise<number> {
    await waitUntil("the socket is closed", () => this.#closed !== null);
    return this.#closed as number;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed();
  }

  async #refused(response: IncomingMessage): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const { statusCode: status = 0, headers } = response;
    this.#refusal = { status, headers, body, json: JSON.parse(body.toString("utf8")) };
  }
}
