// A client of the JSON WebSockets that keeps every message in its order. Speaks nothing but `ws`.
import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { type Answer, ask } from "./http.ts";
import { UPGRADE } from "./viewer.ts";
import { waitUntil } from "./wait-until.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
export type Message = any;

/** Which session a request on the fleet's socket is about. */
export interface About {
  readonly session?: string;
  readonly server?: string;
}

export class JsonClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  closed: { code: number; reason: string } | null = null;
  #nextId = 1;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { maxPayload: 0, ...options });
    this.socket.on("message", (data, isBinary) => {
      if (isBinary) throw new Error("a binary frame on a JSON socket");
      this.messages.push(JSON.parse(data.toString()));
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on("error", () => {});
  }

  /** `path`: `/ws/json`, or `/sessions/build/ws/json`. */
  static async open(socketPath: string, path: string): Promise<JsonClient> {
    const client = new JsonClient(`ws+unix:${socketPath}:${path}`);
    await once(client.socket, "open");
    return client;
  }

  /** Asks for the socket in vain; resolves with the refusal. */
  static refused(socketPath: string, path: string): Promise<Answer> {
    return ask({ socketPath }, { path, headers: UPGRADE });
  }

  /** Resolves with the whole answer. */
  async request(method: string, params?: object, about: About = {}): Promise<Message> {
    const id = `asked-${this.#nextId++}`;
    this.say({ id, method, ...(params && { params }), ...about });
    return this.answer(id);
  }

  answer(id: unknown): Promise<Message> {
    return this.until(`${JSON.stringify(id)} is answered`, (message) => message.id === id);
  }

  /** Resolves with the result of a request that is not refused. */
  async result(method: string, params?: object, about: About = {}): Promise<Message> {
    const answer = await this.request(method, params, about);
    if (!("result" in answer)) throw new Error(`${method} was refused: ${JSON.stringify(answer)}`);
    return answer.result;
  }

  /** Resolves with the refusal of a request. */
  async refusal(method: string, params?: object, about: About = {}): Promise<Message> {
    const { error } = await this.request(method, params, about);
    if (!error) throw new Error(`${method} was not refused`);
    return error;
  }

  say(message: object | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message after the first `after` ones that is one of these. */
  async until(why: string, isIt: (message: Message) => boolean, after = 0): Promise<Message> {
    const found = () => this.messages.slice(after).find(isIt);
    return waitUntil(why, found, { seen: () => ({ last: this.messages.slice(-8), closed: this.closed }) });
  }

  /** The first event of that name after the first `after` messages. */
  event(name: string, after = 0): Promise<Message> {
    return this.until(`${name} is told`, ({ event }) => event === name, after);
  }

  events(name: string): Message[] {
    return this.messages.filter(({ event }) => event === name);
  }

  /** Resolves with how it was closed. */
  end(): Promise<{ code: number; reason: string }> {
    return waitUntil("the socket is closed", () => this.closed, { seen: () => this.messages.slice(-8) });
  }

  close(): void {
    this.socket.close();
  }
}
